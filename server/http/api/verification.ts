import {
  verificationRequestSchema,
  verificationSchema,
  type Verification,
} from '../../../protocol/verification.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { KnownDamage } from '../../coordination/known-damage.ts'
import { readScrubProgress } from '../../upkeep/scrub-storage.ts'
import type { VerificationRun } from '../../upkeep/verification-run.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

export interface VerificationDependencies {
  catalog: Catalog
  damaged: KnownDamage
  verification: VerificationRun
}

/** `/api/v1/verification`. */
export function verificationEndpoints(dependencies: VerificationDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/verification',
      id: 'readVerification',
      permission: 'read',
      summary: 'Read how the verification of stored archives stands',
      replies: { 200: { description: 'How it stands.', schema: verificationSchema } },
      problems: ['catalog-unavailable'],
      handle: async () => ({ status: 200, body: await present(dependencies) }),
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/verification',
      id: 'beginVerification',
      permission: 'manage',
      summary: 'Hash all stored archives, or a slice of them, now',
      body: verificationRequestSchema,
      bodyOptional: true,
      replies: { 202: { description: 'It has begun.', schema: verificationSchema } },
      problems: ['invalid-body', 'media-type-unsupported', 'verification-running', 'catalog-unavailable'],
      handle: async ({ body }) => {
        dependencies.verification.begin(body.slice ?? { part: 1, of: 1 })
        return { status: 202, body: await present(dependencies) }
      },
    }),
  ]
}

async function present({ catalog, damaged, verification }: VerificationDependencies): Promise<Verification> {
  const progress = await readScrubProgress(catalog)
  const { blobs = 0 } = progress === undefined ? {} : await catalog.measureDigests(progress.position)
  return {
    run: verification.state ?? null,
    scrub:
      progress === undefined
        ? null
        : { begunAt: progress.begunAt, completedAt: progress.completedAt, remainingBlobs: blobs },
    damaged: damaged.all().map(({ digest, kind, damagedAt }) => ({ digest, kind, damagedAt })),
  }
}
