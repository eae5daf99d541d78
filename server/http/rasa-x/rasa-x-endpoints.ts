import { z } from 'zod'
import type { Catalog } from '../../catalog/catalog.ts'
import { deleteTag } from '../../releases/delete-tag.ts'
import { promoteRelease, type PromoteDependencies } from '../../releases/promote-release.ts'
import type { ReleaseSummary } from '../../releases/release.ts'
import { ANSWERED, endpoint, type Endpoint } from '../api/endpoint.ts'
import { answerPull, type AnswerDependencies } from '../pull/answer-pull.ts'
import { decidePull } from '../pull/decide-pull.ts'
import { CACHE_CONTROL } from '../pull/get-model.ts'
import { Poll } from '../pull/poll.ts'
import { findReleaseByFile } from './find-release-by-file.ts'
import { RASA_X_PATH } from './rasa-x-address.ts'

export type RasaXDependencies = PromoteDependencies & AnswerDependencies & { catalog: Catalog }

const FILES = `${RASA_X_PATH}/{model}/files`
const TAG = `${FILES}/{id}/tags/{tag}`

const listQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
  tag: z.string().optional(),
})

/**
 * What Rasa X answered to its own users, with its own words: the list of models, one of them by its name, and its tags
 * (SLIPWAY_RASA_X). `{id}` is the name of a file.
 */
export function rasaXEndpoints(dependencies: RasaXDependencies): Endpoint[] {
  const { catalog } = dependencies
  const common = { problems: [], summary: '', replies: {} } as const
  return [
    endpoint({
      ...common,
      method: 'GET',
      path: FILES,
      id: 'listRasaXModels',
      permission: 'read',
      query: listQuerySchema,
      handle: async ({ params: { model }, query: { limit, offset, tag } }) => {
        const tags = await catalog.listTags(model)
        const isWanted = ({ number }: ReleaseSummary): boolean =>
          tag === undefined || tags.some((each) => each.tag === tag && each.release === number)
        const wanted: ReleaseSummary[] = []
        for await (const release of everyRelease(catalog, model)) {
          if (isWanted(release)) wanted.push(release)
          if (wanted.length === offset + limit) break
        }
        const total = tag === undefined ? await catalog.countReleases(model) : wanted.length
        const body = wanted.slice(offset).map((release) => presentModel(release, tags))
        return { status: 200, body, headers: { 'X-Total-Count': String(total) } }
      },
    }),
    endpoint({
      ...common,
      method: 'GET',
      path: `${FILES}/{id}`,
      id: 'pullRasaXModel',
      // As for every archive that is named by itself, and not by a tag.
      permission: 'manage',
      handle: async ({ params: { model, id }, principal, request, response }) => {
        const release = await findReleaseByFile(catalog, model, id)
        const poll = new Poll(request, false, principal)
        const decision = decidePull({ kind: 'serve', release }, poll)
        await answerPull(request, response, dependencies, decision, poll, CACHE_CONTROL)
        return ANSWERED
      },
    }),
    endpoint({
      ...common,
      method: 'PUT',
      path: TAG,
      id: 'tagRasaXModel',
      permission: 'promote',
      handle: async ({ params: { model, id, tag }, principal }) => {
        const { number } = await findReleaseByFile(catalog, model, id)
        await promoteRelease(dependencies, { model, tag, release: number, by: principal.name })
        return { status: 204 }
      },
    }),
    endpoint({
      ...common,
      method: 'DELETE',
      path: TAG,
      id: 'untagRasaXModel',
      permission: 'promote',
      handle: async ({ params: { model, tag }, principal }) => {
        await deleteTag(dependencies, { model, tag, by: principal.name })
        return { status: 204 }
      },
    }),
  ]
}

/** All releases of a model, the newest first. */
async function* everyRelease(catalog: Catalog, model: string): AsyncGenerator<ReleaseSummary> {
  let cursor: number | undefined
  for (;;) {
    const page = await catalog.listReleases(model, {
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    })
    yield* page
    cursor = page.at(-1)?.number
    if (cursor === undefined) return
  }
}

/** A model as Rasa X lists it. */
function presentModel(
  { number, digest, filename, publishedAt, archive }: ReleaseSummary,
  tags: readonly { tag: string; release: number }[],
): object {
  return {
    model: filename.replace(/\.tar\.gz$/, ''),
    hash: digest,
    project: 'default',
    trained_at: Date.parse(archive.trainedAt ?? publishedAt) / 1000,
    version: archive.rasaVersion ?? '',
    is_compatible: true,
    tags: tags.filter(({ release }) => release === number).map(({ tag }) => tag),
  }
}
