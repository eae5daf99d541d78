import { expect } from 'chai'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { StoreFailed } from '../../storage/object-store.ts'
import { errorOf, sha256, stageBytes } from '../contracts/object-bytes.ts'
import { describeObjectStore } from '../contracts/object-store.ts'

describeObjectStore('MemoryStore', () => Promise.resolve({ store: new MemoryStore() }))

describe('MemoryStore', () => {
  it('refuses bytes that are not what their SHA-256 says', async () => {
    const staged = await stageBytes(new MemoryStore(), Buffer.from('these'))
    const options = { sha256: sha256(Buffer.from('others')), ifExists: 'keep' } as const
    expect(await errorOf(staged.commit('a', options))).to.be.instanceOf(StoreFailed)
  })
})
