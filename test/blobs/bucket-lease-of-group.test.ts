import { expect } from 'chai'
import { LEASE_KEY, parseLease } from '../../server/blobs/lease-record.ts'
import { ObjectNotFound, type OpenObject } from '../../storage/object-store.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { errorOf, getBytes } from '../contracts/object-bytes.ts'
import { DURATION, LeaseServers } from './lease-servers.ts'

/** A bucket that has an object, and says twice that it has none, as one that is being written. */
class HidingStore extends MemoryStore {
  readonly #store: MemoryStore
  #hides = 2

  constructor(store: MemoryStore) {
    super()
    this.#store = store
  }

  override open(key: string): Promise<OpenObject> {
    return this.#hides-- > 0 ? Promise.reject(new ObjectNotFound(key)) : this.#store.open(key)
  }

  override swap(key: string, bytes: Uint8Array, expected: string | null): Promise<string> {
    return this.#store.swap(key, bytes, expected)
  }
}

describe('the lease on a bucket of servers that share a database', () => {
  let servers: LeaseServers
  let store: MemoryStore

  beforeEach(() => {
    servers = new LeaseServers()
    store = servers.store
  })

  const aMember = (bucket?: MemoryStore) =>
    servers.aServer({ holder: 'database 1', place: 'database 1', isShared: true }, bucket)

  it('is taken by each of them at once, and renewed beside each other', async () => {
    const members = [aMember(), aMember(), aMember()]
    await Promise.all(members.map(({ lease }) => lease.step()))
    for (let looks = 0; looks < 10; looks++) {
      servers.now += 10_000
      await Promise.all(members.map(({ lease }) => lease.step()))
    }
    expect(members.map(({ lease }) => lease.isHeld())).to.deep.equal([true, true, true])
    expect(members.map(({ states }) => states)).to.deep.equal([['held'], ['held'], ['held']])
    expect(parseLease((await getBytes(store, LEASE_KEY)).toString())).to.include({ epoch: 1 })
  })

  it('is had at once where another one makes it at the same moment, and the bucket does not show it yet', async () => {
    const hidden = new HidingStore(store)
    const [one, other] = [aMember(), aMember(hidden)]
    await one.lease.step()
    expect(await other.lease.start()).to.equal('held')
    await other.lease.release()
  })

  it('stays theirs when one of them stops', async () => {
    const [one, other] = [aMember(), aMember()]
    await one.lease.step()
    await other.lease.step()
    await one.lease.release()
    await other.lease.confirm()
    const stranger = servers.aServer()
    await stranger.lease.step()
    expect(stranger.lease.state).to.equal('waiting')
  })

  const ownerOf = async () => parseLease((await getBytes(store, LEASE_KEY)).toString())
  const nobodyRuns = () => Promise.resolve(true)

  it('is given up by the last one that stops, whoever renewed it last', async () => {
    const [one, other] = [aMember(), aMember()]
    await one.lease.step()
    await other.lease.step()
    await other.lease.release(() => Promise.resolve(false))
    expect(await ownerOf()).to.include({ released: false })
    await one.lease.release(nobodyRuns)
    expect(await ownerOf()).to.include({ released: true })
    const copy = servers.aServer({ holder: 'database 2', place: 'database 2', isShared: true })
    await copy.lease.step()
    expect(copy.lease.state).to.equal('held')
  })

  it('is given up where all stop at once', async () => {
    const members = [aMember(), aMember(), aMember()]
    for (const { lease } of members) await lease.step()
    await Promise.all(members.map(({ lease }) => lease.release(nobodyRuns)))
    expect(await ownerOf()).to.include({ released: true })
  })

  it('stays theirs where one begins while the last one stops, before and after that', async () => {
    const [last, early, late] = [aMember(), aMember(), aMember()]
    await last.lease.step()
    let asked = 0
    await last.lease.release(async () => {
      if (++asked > 1) return false
      await early.lease.step()
      return true
    })
    expect(await ownerOf()).to.include({ released: false })
    expect(early.lease.isHeld()).to.equal(true)
    await early.lease.release(nobodyRuns)
    await late.lease.step()
    expect(await ownerOf()).to.include({ released: false, epoch: 1 })
    expect(late.lease.isHeld()).to.equal(true)
  })

  it('is lost to each of them where a copy of the database took it while they slept', async () => {
    const members = [aMember(), aMember()]
    for (const { lease } of members) await lease.step()
    const copy = servers.aServer({ holder: 'database 2', place: 'database 2', isShared: true })
    await copy.lease.step()
    servers.now += DURATION
    await copy.lease.step()
    expect(copy.lease.state).to.equal('held')
    for (const { lease } of members) {
      expect(await errorOf(lease.confirm())).to.have.property('name', 'StorageOwnedElsewhere')
      expect(lease.state).to.equal('lost')
    }
  })

  it('is left alone by another catalog', async () => {
    await aMember().lease.step()
    const { lease } = servers.aServer({
      server: 'two',
      holder: 'database 1',
      place: 'database 1',
      isShared: true,
    })
    await lease.step()
    expect(lease.state).to.equal('foreign')
  })
})
