import { expect } from 'chai'
import { LeasedStore } from '../../server/blobs/leased-store.ts'
import { LEASE_KEY, type LeaseHolder } from '../../server/blobs/lease-record.ts'
import type { StagedObject } from '../../storage/object-store.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { errorOf, putBytes } from '../contracts/object-bytes.ts'
import { DURATION, LeaseServers, type LeaseServer } from './lease-servers.ts'

/** A bucket in which something happens between its having an object and its saying so. */
class SlowStore extends MemoryStore {
  readonly #store: MemoryStore
  readonly #meanwhile: () => Promise<void>

  constructor(store: MemoryStore, meanwhile: () => Promise<void>) {
    super()
    this.#store = store
    this.#meanwhile = meanwhile
  }

  override async stage(): Promise<StagedObject> {
    const staged = await this.#store.stage()
    const meanwhile = this.#meanwhile
    return {
      get size() {
        return staged.size
      },
      write: (chunk) => staged.write(chunk),
      read: () => staged.read(),
      commit: async (key, options) => {
        const outcome = await staged.commit(key, options)
        await meanwhile()
        return outcome
      },
      discard: () => staged.discard(),
    }
  }
}

describe('a bucket under a lease', () => {
  let servers: LeaseServers
  let store: MemoryStore
  let aServer: (fields?: Partial<LeaseHolder>, bucket?: MemoryStore) => LeaseServer

  beforeEach(() => {
    servers = new LeaseServers()
    store = servers.store
    aServer = (fields, bucket) => servers.aServer(fields, bucket)
  })

  it('has its lease renewed by who wants to store something after it was away for long', async () => {
    const first = aServer()
    await first.lease.step()
    servers.now += 10 * DURATION
    expect(await putBytes(first.leased, 'a', Buffer.from('x'))).to.equal('created')
  })

  it('lets nothing be deleted by a holder that has lost it without knowing', async () => {
    const first = aServer()
    await first.lease.step()
    await putBytes(store, 'sha256/ab/object', Buffer.from('x'))
    servers.now += 2000
    await store.delete(LEASE_KEY)
    await aServer().lease.step()
    expect(await errorOf(first.leased.delete('sha256/ab/object'))).to.have.property(
      'name',
      'StorageOwnedElsewhere',
    )
    expect(await store.stat('sha256/ab/object')).not.to.equal(undefined)
    expect(first.lease.state).to.equal('lost')
  })

  it('lets nothing be stored by a server that waits for it', async () => {
    await aServer().lease.step()
    const copy = aServer()
    await copy.lease.step()
    expect(await errorOf(putBytes(copy.leased, 'a', Buffer.from('x')))).to.have.property(
      'name',
      'StorageOwnedElsewhere',
    )
    expect(await store.stat('a')).to.equal(undefined)
  })

  describe('whose lease ends while something is stored', () => {
    let first: LeaseServer
    beforeEach(async () => {
      first = aServer()
      await first.lease.step()
    })

    /** Stores something; `meanwhile` happens when the bucket has it and has not said so yet. */
    function storeWhile(meanwhile: () => Promise<void>): Promise<string> {
      const slow = new SlowStore(store, meanwhile)
      return putBytes(new LeasedStore(slow, first.lease), 'a', Buffer.from('x'))
    }

    it('has it renewed where nobody took it, and what was stored counts', async () => {
      const outcome = await storeWhile(() => {
        servers.now += DURATION
        return Promise.resolve()
      })
      expect(outcome).to.equal('created')
      expect(first.lease.isHeld()).to.equal(true)
    })

    it('reports what was stored as failed where another took it', async () => {
      const copy = aServer()
      await copy.lease.step()
      const storing = storeWhile(async () => {
        servers.now += DURATION
        await copy.lease.step()
      })
      expect(await errorOf(storing)).to.have.property('name', 'StorageOwnedElsewhere')
      expect(first.states).to.deep.equal(['held', 'lost'])
    })
  })
})
