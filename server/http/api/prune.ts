import { prunedSchema, pruneRequestSchema, type Pruned as WirePruned } from '../../../protocol/prune.ts'
import { pruneReleases, type Pruned, type PruneDependencies } from '../../upkeep/prune-releases.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** `/api/v1/models/{model}/prune`. */
export function pruneEndpoints(dependencies: PruneDependencies & { keepHistory: number }): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/api/v1/models/{model}/prune',
      id: 'pruneReleases',
      permission: 'manage',
      summary: 'Delete the releases of a model that nothing uses',
      body: pruneRequestSchema,
      replies: {
        200: { description: 'What went, or would go, and why the rest stays.', schema: prunedSchema },
      },
      problems: [
        'invalid-name',
        'invalid-body',
        'media-type-unsupported',
        'model-not-found',
        'catalog-busy',
        'catalog-unavailable',
      ],
      handle: async ({ params: { model }, body }) => {
        const { dryRun = false, keepHistory = dependencies.keepHistory, ...limits } = body
        const policy = { ...limits, keepHistory }
        const outcome = await pruneReleases(dependencies, { model, policy, dryRun })
        return { status: 200, body: presentPruned(model, dryRun, outcome) }
      },
    }),
  ]
}

function presentPruned(model: string, dryRun: boolean, { pruned, kept }: Pruned): WirePruned {
  const stay = new Set(kept.map(({ release }) => release.digest))
  const sizes = new Map(pruned.map(({ digest, size }) => [digest, size]))
  const freed = [...sizes].filter(([digest]) => !stay.has(digest)).map(([, size]) => size)
  return {
    model,
    dryRun,
    pruned,
    kept: kept.map(({ release, reasons }) => ({ ...release, reasons })),
    freedBytes: freed.reduce((sum, size) => sum + size, 0),
  }
}
