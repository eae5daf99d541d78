import { exportsSchema, type Export } from '../../../protocol/export.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** `/api/v1/exports`. */
export function exportEndpoints(listExports: () => Export[]): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/exports',
      id: 'listExports',
      permission: 'read',
      target: 'models',
      summary: 'List what is exported',
      description:
        'Where `SLIPWAY_EXPORT` is set, each tag with how the copy of its archive in the bucket stands; empty otherwise.',
      replies: { 200: { description: 'Every export, by model and tag.', schema: exportsSchema } },
      problems: [],
      handle: ({ canSee }) => {
        const items = listExports().filter(({ model }) => canSee(model))
        return Promise.resolve({ status: 200, body: { items, next: null } })
      },
    }),
  ]
}
