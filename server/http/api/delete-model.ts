import type { IncomingMessage } from 'node:http'
import {
  deletedModelSchema,
  modelDeletionQuerySchema,
  type DeletedModel,
} from '../../../protocol/model-deletion.ts'
import { deleteModel, readModelContents, type ModelContents } from '../../releases/delete-model.ts'
import type { DeletionDependencies, ModelDeletion } from '../../releases/delete-model.ts'
import { LATEST } from '../../releases/tag.ts'
import type { FleetView } from '../../rollouts/fleet-view.ts'
import { RequestError } from '../reply/request-error.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { namesParts } from './entity-tag-parts.ts'
import { modelEntityTag, presentModel } from './present.ts'

/** Bots that are told at most. */
const MOST_BOTS = 1000

/** `DELETE /api/v1/models/{model}`. */
export function deleteModelEndpoint(
  dependencies: DeletionDependencies & { view: Pick<FleetView, 'listBots'> },
): Endpoint {
  const { catalog, view } = dependencies
  return endpoint({
    method: 'DELETE',
    path: '/api/v1/models/{model}',
    id: 'deleteModel',
    permission: 'manage',
    summary: 'Delete a model, with its releases and tags',
    description:
      'Its numbers are never given again, also where a model of this name is published later; the history of its tags stays. ' +
      'With `If-Match`, the entity tag of the model, it is deleted only if nothing of it was changed since it was read.',
    query: modelDeletionQuerySchema,
    conditions: ['If-Match'],
    replies: { 200: { description: 'What went, or would go.', schema: deletedModelSchema } },
    problems: [
      'invalid-name',
      'invalid-parameter',
      'model-not-found',
      'model-in-use',
      'release-in-use',
      'rollout-under-way',
      'precondition-failed',
    ],
    handle: async ({ params: { model }, query, principal, request }) => {
      const runners = (): Promise<string[]> => listRunners(view, model)
      const [dryRun, force] = [query.dryRun === 'true', query.force === 'true']
      const requireExpected = expectedModel(request)
      if (dryRun) {
        const contents = await readModelContents(catalog, { model, runners })
        await requireExpected?.(contents.model, catalog)
        return { status: 200, body: present(contents, true) }
      }
      const deletion = { model, by: principal.name, force, runners, requireExpected }
      return { status: 200, body: present(await deleteModel(dependencies, deletion), false) }
    },
  })
}

/** The bots that run releases of a model, by name; also where thousands of others, which anybody can make up, come before them. */
async function listRunners(view: Pick<FleetView, 'listBots'>, model: string): Promise<string[]> {
  const runners: string[] = []
  for (let last: string | undefined; ;) {
    const cursor = last === undefined ? {} : { cursor: { model, bot: last } }
    const bots = await view.listBots({ model }, { limit: MOST_BOTS, ...cursor })
    for (const { bot, state, release } of bots) if (state !== 'lost' && release !== null) runners.push(bot)
    last = bots.at(-1)?.bot
    if (bots.length < MOST_BOTS || runners.length >= MOST_BOTS) return runners.slice(0, MOST_BOTS)
  }
}

function present({ model, releases, tags, runners }: ModelContents, dryRun: boolean): DeletedModel {
  const sizes = new Map(releases.map(({ digest, size }) => [digest, size]))
  return {
    model: model.model,
    dryRun,
    releases: releases.length,
    bytes: [...sizes.values()].reduce((total, size) => total + size, 0),
    tags: [...tags],
    bots: [...runners],
    needsForce: runners.length > 0 || tags.some((tag) => tag !== LATEST),
    nextNumber: model.nextNumber,
  }
}

/** A check of `If-Match` (RFC 9110 §13.1.1), by all that is told of the model; undefined where the request has none. */
function expectedModel({ headers }: IncomingMessage): ModelDeletion['requireExpected'] {
  const field = headers['if-match']
  if (field === undefined) return undefined
  return async (model, catalog) => {
    const current = modelEntityTag(model, await presentModel(catalog, model))
    if (namesParts(field, current.replaceAll('"', '').split('.'), 'strongly')) return
    throw new RequestError(
      'precondition-failed',
      'The model is not as If-Match says: something was published or deleted, or its settings were changed. Read it, then decide again.',
    )
  }
}
