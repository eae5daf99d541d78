import { statusSchema, type Status } from '../../../protocol/status.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** `/api/v1/status`. */
export function statusEndpoints(readStatus: () => Promise<Status>): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/status',
      id: 'readStatus',
      permission: 'read',
      summary: 'Read how the server is',
      replies: { 200: { description: 'How it is.', schema: statusSchema } },
      problems: [],
      handle: async () => ({ status: 200, body: await readStatus() }),
    }),
  ]
}
