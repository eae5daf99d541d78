import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import { MemoryStore } from '../../../storage/memory/memory-store.ts'
import { StoreUnavailable, type StagedObject } from '../../../storage/object-store.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { aServer } from '../../support/server-under-test.ts'

const absent = new StoreUnavailable('nobody answers')

/** A store that is away until it is back, and counts how often it was written to in vain. */
class AbsentStore extends MemoryStore {
  isBack = false
  writes = 0
  probes = 0

  override async stage(): Promise<StagedObject> {
    const staged = await super.stage()
    const commit = staged.commit.bind(staged)
    return Object.assign(staged, {
      commit: async (...call: Parameters<StagedObject['commit']>) => {
        if (this.isBack) return await commit(...call)
        this.writes++
        throw absent
      },
    })
  }

  override probe(): Promise<void> {
    this.probes++
    return this.isBack ? Promise.resolve() : Promise.reject(absent)
  }
}

describe('a publish while the storage is away', () => {
  it('is refused before it is tried once that is known, and taken as soon as the storage is back', async () => {
    const store = new AbsentStore()
    const server = await aServer({ store })
    const publish = async () => {
      const body = Uint8Array.from(anArchive())
      const answer = await fetch(`${server.url}/models/shop`, { method: 'POST', body })
      const { code } = (await answer.json()) as Partial<Problem>
      return [answer.status, code, answer.headers.get('retry-after')]
    }
    expect(await publish()).to.deep.equal([503, 'storage-unavailable', '5'])
    expect(store.writes).to.be.above(0)
    await eventually('it is known', () => store.probes > 1)
    const { writes } = store
    expect(await publish()).to.deep.equal([503, 'storage-unavailable', '5'])
    expect(store.writes).to.equal(writes)
    store.isBack = true
    expect((await publish())[0]).to.equal(201)
  }).timeout(30_000)
})
