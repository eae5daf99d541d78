import { expect } from 'chai'
import { randomUUID } from 'node:crypto'
import { BucketLease } from '../../server/blobs/bucket-lease.ts'
import { LEASE_KEY, parseLease, type LeaseHolder } from '../../server/blobs/lease-record.ts'
import { ObjectChanged, ObjectNotFound, StoreUnavailable } from '../../storage/object-store.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { errorOf, getBytes, putBytes } from '../contracts/object-bytes.ts'
import { eventually } from '../support/eventually.ts'
import { DURATION, LeaseServers, type LeaseServer } from './lease-servers.ts'

/** A bucket that swallows what it is asked for a while. */
class StallingStore extends MemoryStore {
  stalls = false
  readonly #store: MemoryStore

  constructor(store: MemoryStore) {
    super()
    this.#store = store
  }

  override swap(key: string, bytes: Uint8Array, expected: string | null, signal?: AbortSignal) {
    if (!this.stalls) return this.#store.swap(key, bytes, expected, signal)
    const { promise, reject } = Promise.withResolvers<string>()
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
    return promise
  }
}

/** A bucket that has no object, and refuses to make one. */
class RefusingStore extends MemoryStore {
  refuses = true
  refused = 0

  override async swap(key: string, bytes: Uint8Array, expected: string | null): Promise<string> {
    if (!this.refuses) return await super.swap(key, bytes, expected)
    this.refused++
    throw new ObjectChanged(key)
  }
}

describe('the lease on a bucket', () => {
  let servers: LeaseServers
  let store: MemoryStore
  let aServer: (fields?: Partial<LeaseHolder>, bucket?: MemoryStore) => LeaseServer

  beforeEach(() => {
    servers = new LeaseServers()
    store = servers.store
    aServer = (fields, bucket) => servers.aServer(fields, bucket)
  })

  it('is taken at once where nobody had it', async () => {
    const { lease } = aServer()
    await lease.step()
    expect(lease.isHeld()).to.equal(true)
  })

  it('is waited for where a bucket goes on refusing to make it, and shows none', async () => {
    const refusing = new RefusingStore()
    const { lease } = aServer({}, refusing)
    expect(await lease.start()).to.equal('waiting')
    refusing.refuses = false
    await lease.step()
    expect(lease.state).to.equal('held')
    await lease.release()
  })

  it('is not made any more by a server that has stopped while a bucket refused to make it', async () => {
    const refusing = new RefusingStore()
    const { lease } = aServer({}, refusing)
    const starting = lease.start()
    await eventually('it was refused', () => refusing.refused > 0)
    await lease.release()
    refusing.refuses = false
    expect(await starting).to.equal('released')
    expect(await errorOf(getBytes(refusing, LEASE_KEY))).to.be.instanceOf(ObjectNotFound)
  })

  it('is taken at once from a server that has stopped', async () => {
    const first = aServer()
    await first.lease.step()
    await first.lease.release()
    const second = aServer()
    await second.lease.step()
    expect(second.lease.state).to.equal('held')
    expect(parseLease((await getBytes(store, LEASE_KEY)).toString()).epoch).to.equal(2)
  })

  it('is taken at once by the process that has the data directory of a killed one', async () => {
    await aServer({ place: 'same' }).lease.step()
    const second = aServer({ place: 'same' })
    await second.lease.step()
    expect(second.lease.state).to.equal('held')
  })

  it('is left to a copy of the data directory only after it stood still for its duration', async () => {
    await aServer().lease.step()
    const copy = aServer()
    for (let waited = 0; waited < DURATION; waited += 10_000) {
      await copy.lease.step()
      expect(copy.lease.state).to.equal('waiting')
      servers.now += 10_000
    }
    await copy.lease.step()
    expect(copy.lease.state).to.equal('held')
  })

  it('stays with a server that renews it, however long a copy watches', async () => {
    const first = aServer()
    const copy = aServer()
    await first.lease.step()
    for (let looks = 0; looks < 20; looks++) {
      await copy.lease.step()
      servers.now += 10_000
      await first.lease.step()
    }
    expect(copy.lease.state).to.equal('elsewhere')
    expect(first.lease.isHeld()).to.equal(true)
  })

  it('goes to the copy when the server that renewed it has died', async () => {
    const first = aServer()
    const copy = aServer()
    await first.lease.step()
    for (let looks = 0; looks < 3; looks++) {
      await copy.lease.step()
      servers.now += 10_000
      await first.lease.step()
    }
    await copy.lease.step()
    servers.now += DURATION
    await copy.lease.step()
    expect(copy.lease.state).to.equal('held')
  })

  it('is over for a holder that slept, before it has asked anybody', async () => {
    const first = aServer()
    await first.lease.step()
    servers.now += DURATION
    expect(first.lease.isHeld()).to.equal(false)
  })

  it('is lost for good by a holder that slept while another took it', async () => {
    const first = aServer()
    await first.lease.step()
    const copy = aServer()
    await copy.lease.step()
    servers.now += DURATION
    await copy.lease.step()
    await first.lease.step()
    expect(first.states).to.deep.equal(['held', 'lost'])
    expect(copy.lease.isHeld()).to.equal(true)
  })

  it('is refused where the folder belongs to another catalog', async () => {
    const other = aServer({ server: 'two' })
    await other.lease.step()
    await other.lease.release()
    const { lease } = aServer()
    await lease.step()
    expect(lease.state).to.equal('foreign')
  })

  it('takes over what an earlier version of this server had claimed, and of no other', async () => {
    const former = randomUUID()
    await putBytes(store, LEASE_KEY, Buffer.from(`${former}\n`))
    const stranger = aServer()
    await stranger.lease.step()
    expect(stranger.lease.state).to.equal('foreign')
    const { lease } = aServer({ formerName: former })
    await lease.step()
    expect(lease.state).to.equal('held')
  })

  it('waits for a bucket that stalls until the next renewal is due, and no longer', async () => {
    const stalling = new StallingStore(store)
    const self = { server: 'one', holder: randomUUID(), place: randomUUID(), host: 'here' }
    const lease = new BucketLease(stalling, self, { timings: { duration: 90, interval: 30 } })
    await lease.step()
    stalling.stalls = true
    expect(await errorOf(lease.step())).to.be.instanceOf(StoreUnavailable)
    await eventually('the lease is over', () => !lease.isHeld())
    expect(await errorOf(lease.ensureHeld())).to.be.instanceOf(StoreUnavailable)
    stalling.stalls = false
    await lease.ensureHeld()
    expect(lease.isHeld()).to.equal(true)
  })

  it('is left where another took it, by a server that never got to work', async () => {
    const first = aServer()
    await first.lease.step()
    servers.now += DURATION
    const second = aServer()
    await second.lease.step()
    servers.now += DURATION
    await second.lease.step()
    expect(second.lease.isHeld()).to.equal(true)
    await first.lease.abandon()
    expect((await getBytes(store, LEASE_KEY)).length).to.be.greaterThan(0)
    await second.lease.step()
    expect(second.lease.isHeld()).to.equal(true)
  })

  it('leaves no trace where the server that took it first never got to work', async () => {
    const { lease } = aServer()
    await lease.step()
    await lease.abandon()
    expect(await store.stat(LEASE_KEY)).to.equal(undefined)
  })

  it('stays where a later server never got to work', async () => {
    const first = aServer()
    await first.lease.step()
    await first.lease.release()
    const second = aServer()
    await second.lease.step()
    await second.lease.abandon()
    const { server, released } = parseLease((await getBytes(store, LEASE_KEY)).toString())
    expect({ server, released }).to.deep.equal({ server: 'one', released: true })
  })

  it('has one holder where 16 processes want it at once', async () => {
    const servers = Array.from({ length: 16 }, () => aServer())
    await Promise.all(servers.map(({ lease }) => lease.step()))
    expect(servers.filter(({ lease }) => lease.isHeld())).to.have.length(1)
  })
})
