import { expect } from 'chai'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { copyArchives } from '../../server/tools/migrate/copy-archives.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { replaceObject } from '../../storage/replace-object.ts'
import { rejection } from '../contracts/catalog-support.ts'

describe('archives that are copied from one store to another', () => {
  let from: MemoryStore
  let to: MemoryStore

  beforeEach(() => {
    from = new MemoryStore()
    to = new MemoryStore()
  })

  async function anArchive(text: string, store = from, generation = 0): Promise<string> {
    const staged = await new ObjectBlobs(store, () => Promise.resolve(undefined)).stage()
    await staged.write(Buffer.from(text))
    await staged.commit({ generation })
    return staged.digest()
  }

  const keysOf = async (store: MemoryStore): Promise<string[]> => {
    const keys = []
    for await (const { key } of store.list('')) keys.push(key)
    return keys.sort()
  }

  it('lie there under the same keys, also those that were stored under another than their first', async () => {
    await anArchive('one')
    await anArchive('two', from, 3)
    await replaceObject(from, 'records/shop/tags.json', Buffer.from('{}'))
    expect(await copyArchives(from, to)).to.deep.equal({ copied: 2, bytes: 6, present: 0, damaged: [] })
    const archives = (await keysOf(from)).filter((key) => key.startsWith('sha256/'))
    expect(await keysOf(to)).to.deep.equal(archives)
    expect(archives.some((key) => key.endsWith('.3'))).to.equal(true)
  })

  it('are copied once, however often it is interrupted', async () => {
    for (const text of ['one', 'two', 'three']) await anArchive(text)
    const stage = to.stage.bind(to)
    let stages = 0
    to.stage = async () => {
      if (++stages === 2) throw new Error('the machine ends')
      return stage()
    }
    expect((await rejection(copyArchives(from, to))).message).to.equal('the machine ends')
    expect(await copyArchives(from, to)).to.deep.include({ copied: 2, present: 1 })
    expect(await copyArchives(from, to)).to.deep.include({ copied: 0, present: 3 })
  })

  it('include what is published meanwhile', async () => {
    await anArchive('one')
    const stage = to.stage.bind(to)
    let late: string | undefined
    to.stage = async () => {
      late ??= await anArchive('late')
      return stage()
    }
    expect(await copyArchives(from, to)).to.include({ copied: 2 })
    expect((await keysOf(to)).some((key) => key.endsWith(late!))).to.equal(true)
  })

  it('are left out where they are damaged, and named', async () => {
    const key = `sha256/00/${'0'.repeat(64)}`
    await anArchive('one')
    await replaceObject(from, key, Buffer.from('other bytes'))
    expect(await copyArchives(from, to)).to.deep.include({ copied: 1, damaged: [key] })
    expect(await to.stat(key)).to.equal(undefined)
  })

  it('are missed where there are none, as another place was meant', async () => {
    await replaceObject(from, 'records/shop/tags.json', Buffer.from('{}'))
    const refusal = await rejection(copyArchives(from, to))
    expect(refusal).to.include({ name: 'ToolFailure', exit: 2 })
    expect(refusal.message).to.contain('There are no archives in memory')
  })

  it('do not go to a bucket that belongs to a server', async () => {
    await anArchive('one')
    await replaceObject(to, 'slipway-owner', Buffer.from('{}'))
    expect(await rejection(copyArchives(from, to))).to.include({ name: 'ToolFailure', exit: 10 })
    expect(await keysOf(to)).to.deep.equal(['slipway-owner'])
  })
})
