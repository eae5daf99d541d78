import { z } from 'zod'
import { modelChangeSchema, modelSchema } from '../../../protocol/model.ts'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { findModelOrRefuse } from '../../releases/find-or-refuse.ts'
import type { TagMover } from '../../releases/tag-mover.ts'
import type { SignatureDependencies } from '../../releases/check-signature.ts'
import { editModel } from '../../releases/edit-model.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { replyWithPage } from './page.ts'
import { presentModel } from './present.ts'

const modelPosition = z.object({ createdAt: z.string(), model: z.string() })

/** `/api/v1/models` and `/api/v1/models/{model}`. */
export function modelEndpoints(
  dependencies: SignatureDependencies & { catalog: CatalogReader; tagMover: TagMover },
): Endpoint[] {
  const { catalog } = dependencies
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/models',
      id: 'listModels',
      permission: 'read',
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
      handle: ({ query }) =>
        replyWithPage(
          '/api/v1/models',
          query,
          modelPosition,
          (page) => catalog.listModels(page),
          ({ createdAt, model }) => ({ createdAt, model }),
          (model) => presentModel(catalog, model),
        ),
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/models/{model}',
      id: 'readModel',
      permission: 'read',
      summary: 'Read a model',
      replies: { 200: { description: 'The model.', schema: modelSchema } },
      problems: ['invalid-name', 'model-not-found'],
      handle: async ({ params: { model } }) => ({
        status: 200,
        body: await presentModel(catalog, await findModelOrRefuse(catalog, model)),
      }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/api/v1/models/{model}',
      id: 'changeModel',
      permission: 'manage',
      summary: 'Change the settings of a model',
      description:
        'Its default tag, and whose signature a publish needs. Releases that are there stay as they are.',
      body: modelChangeSchema,
      replies: { 200: { description: 'The model as it is now.', schema: modelSchema } },
      problems: [
        'invalid-name',
        'invalid-body',
        'media-type-unsupported',
        'model-not-found',
        'default-tag-missing',
        'signatures-invalid',
        'rollout-under-way',
      ],
      handle: async ({ params: { model }, body, principal }) => ({
        status: 200,
        body: await presentModel(catalog, await editModel(dependencies, model, body, principal.name)),
      }),
    }),
  ]
}
