import { expect } from 'chai'
import { LEASE_KEY } from '../../../server/blobs/lease-record.ts'
import { requireSameBucket } from '../../../server/composition/opening/require-same-bucket.ts'
import type { KnownServer, ServerGroup } from '../../../server/coordination/server-group.ts'
import { MemoryStore } from '../../../storage/memory/memory-store.ts'
import { errorOf, putBytes } from '../../contracts/object-bytes.ts'

const aServer = (id: string, parts: Partial<KnownServer> = {}): KnownServer => ({
  id,
  host: `host of ${id}`,
  address: '127.0.0.1:5080',
  version: '1',
  startedAt: 0,
  seenAt: 0,
  behind: 0,
  isRunning: true,
  keepsHouse: false,
  ...parts,
})

/** A group of which `us` is one, as the database would list it. */
const aGroup = (servers: KnownServer[]): ServerGroup => ({
  id: 'us',
  database: 'one',
  list: () => Promise.resolve(servers),
  listensAt: () => undefined,
  compared: () => undefined,
})

describe('the bucket of a server that joins others', () => {
  it('is refused where those that run have their lease elsewhere', async () => {
    const group = aGroup([aServer('first'), aServer('us', { address: '' })])
    const refusal = await errorOf(requireSameBucket(new MemoryStore(), group))
    expect(refusal).to.have.property('name', 'OtherBucket')
    expect(String(refusal)).to.contain('one on host of first')
  })

  it('is good where it has a lease, where the others ended, and where this server began first', async () => {
    const leased = new MemoryStore()
    await putBytes(leased, LEASE_KEY, Buffer.from('{}'))
    await requireSameBucket(leased, aGroup([aServer('first'), aServer('us')]))
    const ended = aServer('first', { isRunning: false })
    await requireSameBucket(new MemoryStore(), aGroup([ended, aServer('us')]))
    await requireSameBucket(new MemoryStore(), aGroup([aServer('us'), aServer('second')]))
  })

  it('is waited for where a server that began earlier has not made its lease yet', async () => {
    const store = new MemoryStore()
    const servers = [aServer('first', { address: '' }), aServer('us')]
    const group = aGroup(servers)
    let looks = 0
    group.list = async () => {
      looks++
      await putBytes(store, LEASE_KEY, Buffer.from('{}'))
      return servers
    }
    await requireSameBucket(store, group)
    expect(looks).to.equal(1)
  })
})
