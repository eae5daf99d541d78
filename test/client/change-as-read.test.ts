import { expect } from 'chai'
import { ApiClient } from '../../client/api/api-client.ts'
import { changeAsRead } from '../../client/api/change-as-read.ts'
import { knownModelSchema, type KnownModel } from '../../client/api/known-schemas.ts'
import { changeQuota } from '../../client/api/releases.ts'
import { PullFailure } from '../../client/failure.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aServer } from '../support/server-under-test.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const PATH = 'api/v1/models/shop'

describe('a change of what was read', () => {
  let client: ApiClient
  let reads = 0

  beforeEach(async () => {
    const { url, publish } = await aServer()
    await publish(anArchive())
    const made = new ApiClient({
      url: new URL(`${url}/`),
      token: undefined,
      signal: new AbortController().signal,
    })
    client = made
    reads = 0
    afterThisTest(() => made.close())
  })

  /** Limits the bytes of a model. @param meanwhile What somebody else does between reading and changing. */
  const limitBytes = (meanwhile: () => Promise<unknown>): Promise<KnownModel> =>
    changeAsRead(client, PATH, knownModelSchema, {
      send: async ({ quota }, headers) => {
        reads++
        await meanwhile()
        const json = { quota: { releases: null, ...quota, bytes: 1e9 } }
        return client.call({ method: 'PATCH', path: PATH, json, headers }, knownModelSchema)
      },
      isDone: () => false,
    })

  it('keeps what somebody else changed meanwhile', async () => {
    const { quota } = await limitBytes(async () => {
      if (reads === 1) await changeQuota(client, 'shop', { releases: 5 })
    })
    expect([quota, reads]).to.deep.equal([{ bytes: 1e9, releases: 5 }, 2])
  })

  it('is given up where others are always faster', async () => {
    const failure = await rejection(limitBytes(() => changeQuota(client, 'shop', { releases: reads })))
    expect(failure).to.be.instanceOf(PullFailure).with.property('kind', 'conflict')
    expect(reads).to.equal(5)
  })
})
