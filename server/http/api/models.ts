import { z } from 'zod'
import { modelChangeSchema, modelSchema } from '../../../protocol/model.ts'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { findModelOrRefuse } from '../../releases/find-or-refuse.ts'
import type { CurrentReleases } from '../../releases/current-releases.ts'
import type { TagMover } from '../../releases/tag-mover.ts'
import type { SignatureDependencies } from '../../releases/check-signature.ts'
import { editModel } from '../../releases/edit-model.ts'
import type { Model } from '../../releases/model.ts'
import { endpoint, type Endpoint, type Reply } from './endpoint.ts'
import { replyWithPage } from './page.ts'
import { modelConditions } from './model-conditions.ts'
import { modelEntityTag, presentModel } from './present.ts'

const modelPosition = z.object({ createdAt: z.string(), model: z.string() })

const positionOf = ({ createdAt, model }: Model) => ({ createdAt, model })

export interface ModelRouteDependencies extends SignatureDependencies {
  catalog: CatalogReader
  tagMover: TagMover
  current: CurrentReleases
}

/** `/api/v1/models` and `/api/v1/models/{model}`. */
export function modelEndpoints(dependencies: ModelRouteDependencies): Endpoint[] {
  return [listEndpoint(dependencies), readEndpoint(dependencies), changeEndpoint(dependencies)]
}

function listEndpoint({ catalog, current }: ModelRouteDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/models',
    id: 'listModels',
    permission: 'read',
    target: 'models',
    summary: 'List the models',
    query: pageQuerySchema,
    replies: {
      200: {
        description: 'One page of models, the last created first.',
        schema: pageSchema('ModelPage', modelSchema),
        headers: ['Link'],
      },
    },
    problems: ['invalid-parameter'],
    handle: ({ query, canSee }) => {
      // By name, so that nobody who may see few of many models has all of them read.
      const among = canSee(null) ? undefined : current.names().filter(canSee)
      return replyWithPage(
        '/api/v1/models',
        query,
        modelPosition,
        (page) => catalog.listModels(page, among),
        positionOf,
        (model) => presentModel(catalog, model),
      )
    },
  })
}

function readEndpoint({ catalog }: ModelRouteDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/models/{model}',
    id: 'readModel',
    permission: 'read',
    summary: 'Read a model',
    conditions: ['If-None-Match'],
    replies: {
      200: { description: 'The model.', schema: modelSchema, headers: ['ETag'] },
      304: { description: 'Not modified: the client has it already.', headers: ['ETag'] },
    },
    problems: ['invalid-name', 'model-not-found'],
    handle: async ({ params: { model } }) => replyWithModel(catalog, await findModelOrRefuse(catalog, model)),
  })
}

function changeEndpoint(dependencies: ModelRouteDependencies): Endpoint {
  return endpoint({
    method: 'PATCH',
    path: '/api/v1/models/{model}',
    id: 'changeModel',
    permission: 'manage',
    summary: 'Change the settings of a model',
    description:
      'Its default tag, whose signature a publish needs, and how much it may have. Releases that are there stay as they are. ' +
      '`If-Match` compares these settings: of two people who change them at the same time, one hears 412.',
    conditions: ['If-Match'],
    body: modelChangeSchema,
    replies: {
      200: { description: 'The model as it is now.', schema: modelSchema, headers: ['ETag'] },
    },
    problems: [
      'invalid-name',
      'invalid-body',
      'media-type-unsupported',
      'model-not-found',
      'default-tag-missing',
      'signatures-invalid',
      'precondition-failed',
      'rollout-under-way',
    ],
    handle: async ({ params: { model }, body, principal, request }) => {
      const change = { ...body, requireExpected: modelConditions(request) }
      return replyWithModel(
        dependencies.catalog,
        await editModel(dependencies, model, change, principal.name),
      )
    },
  })
}

async function replyWithModel(catalog: CatalogReader, model: Model): Promise<Reply> {
  const body = await presentModel(catalog, model)
  return { status: 200, body, entityTag: modelEntityTag(model, body) }
}
