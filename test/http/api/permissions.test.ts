import { expect } from 'chai'
import { apiEndpoints, type AppDependencies } from '../../../server/http/app.ts'
import { PERMISSIONS } from '../../../server/http/access/permission.ts'
import { allOperations } from '../../../server/http/openapi/operations.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

/** What everybody may ask who reaches the server. */
const OPEN = ['isAlive', 'isReady', 'readDescription', 'showDescription', 'showServer']

// Nothing is asked of the dependencies before a request comes.
const operations = allOperations(apiEndpoints({} as AppDependencies))

describe('the permission that a route needs', () => {
  let server: ServerUnderTest
  beforeEach(async () => {
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
  })

  async function statusOf(method: string, path: string, token?: string): Promise<number> {
    const at = path
      .replace('{model}', 'shop')
      .replace('{tag}', 'production')
      .replace('{number}', '7')
      .replace('{bot}', 'pod-3')
      .replace('{id}', '1')
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    return (await fetch(server.url + at, { method, headers })).status
  }

  it('is named by each, but for those that are open to all', () => {
    const open = operations.filter(({ access }) => access === 'open').map(({ id }) => id)
    expect(open).to.deep.equal(OPEN)
    const named = operations.filter(({ id }) => !OPEN.includes(id)).map(({ access }) => access)
    expect([...PERMISSIONS]).to.include.members(named)
  })

  it('is asked for: without a token each is 401, with the pull token 403 unless it is a pull', async () => {
    const wrong: string[] = []
    for (const { id, method, path, access } of operations) {
      if (access === 'open') continue
      const bare = await statusOf(method, path)
      const pulling = await statusOf(method, path, 'the-pull-token')
      if (bare !== 401 || (pulling === 403) !== (access !== 'pull')) wrong.push(`${id}: ${bare}, ${pulling}`)
    }
    expect(wrong).to.deep.equal([])
  })
})
