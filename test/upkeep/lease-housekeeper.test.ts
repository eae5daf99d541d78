import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { Housekeeping } from '../../server/coordination/housekeeping.ts'
import { LeaseHousekeeper } from '../../server/upkeep/lease-housekeeper.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { splitReads } from '../support/answered-by.ts'
import { eventually } from '../support/eventually.ts'
import { HOUSEKEEPER_LEASE } from '../../server/catalog/leases.ts'

describe('LeaseHousekeeper', () => {
  const HOUR = 60 * 60_000

  const aHousekeeper = (catalog: Catalog, holder: string, duration = HOUR) => {
    let now = 0
    const changes: (number | undefined)[] = []
    const housekeeper = new LeaseHousekeeper({
      catalog,
      self: { holder, place: '', host: holder },
      monotonic: () => now,
      onChange: (epoch) => changes.push(epoch),
      timings: { duration, renewal: duration / 3, margin: 1_000 },
    })
    return { housekeeper, changes, sleep: (milliseconds: number) => void (now += milliseconds) }
  }

  const giveUp = (catalog: Catalog, holder: string, { term }: Housekeeping) =>
    catalog.writeShared((writer) => writer.giveUpLease(HOUSEKEEPER_LEASE, holder, term?.epoch ?? 0))

  it('has a term where no other server has one', async () => {
    const catalog = await aCatalog()
    const { housekeeper: one } = aHousekeeper(catalog, 'one')
    const { housekeeper: other } = aHousekeeper(catalog, 'other')
    expect(one.term).to.equal(undefined)
    await one.renew()
    await other.renew()
    expect(one.term).to.include({ epoch: 1 })
    expect(other.term).to.equal(undefined)
    await one.stop()
    await other.renew()
    expect(other.term).to.include({ epoch: 2 })
    await other.stop()
  })

  it('has no term any more where a database that lost its takeover gave the same epoch to another server', async () => {
    const [lost, after] = [await aCatalog(), await aCatalog()]
    let catalog = lost
    const { housekeeper: one } = aHousekeeper(
      splitReads(() => catalog),
      'one',
    )
    const { housekeeper: other } = aHousekeeper(after, 'other')
    await one.renew()
    await other.renew()
    expect(one.term?.epoch).to.equal(other.term?.epoch)
    catalog = after
    const writing = one.term!.fence(splitReads(() => catalog)).writeShared(() => Promise.resolve())
    expect(await rejection(writing)).to.include({ code: 'catalog-unavailable' })
    expect(one.term).to.equal(undefined)
    await other.term!.fence(after).writeShared(() => Promise.resolve())
    await other.stop()
  })

  it('gives way for a while, and until it is asked to take the term again', async () => {
    const catalog = await aCatalog()
    let [now, looks] = [0, 0]
    const monotonic = () => {
      looks++
      return now
    }
    const self = { holder: 'one', place: '', host: 'one' }
    const timings = { duration: HOUR, renewal: 5, margin: 1_000 }
    const one = new LeaseHousekeeper({ catalog, self, monotonic, timings })
    await one.renew()
    await one.giveWay(60_000)
    const before = looks
    one.start()
    await eventually('it would have asked', () => looks > before + 2)
    expect(one.term).to.equal(undefined)
    now += 60_000
    await eventually('it asks again', () => one.term?.epoch === 2)
    await one.giveWay(60_000)
    await one.renew()
    expect(one.term).to.include({ epoch: 3 })
    await one.stop()
  })

  it('has another one take the term that it gives way from', async () => {
    const catalog = await aCatalog()
    const { housekeeper: one, changes } = aHousekeeper(catalog, 'one')
    const { housekeeper: other } = aHousekeeper(catalog, 'other')
    await one.renew()
    await one.giveWay(60_000)
    expect(changes).to.deep.equal([1, undefined])
    await other.renew()
    expect(other.term).to.include({ epoch: 2 })
    await other.stop()
    await one.stop()
  })

  it('does not keep a term that it is given while it gives way', async () => {
    const catalog = await aCatalog()
    const { housekeeper: one } = aHousekeeper(catalog, 'one')
    const { housekeeper: other } = aHousekeeper(catalog, 'other')
    const renewing = one.renew()
    await one.giveWay(60_000)
    await renewing
    expect(one.term).to.equal(undefined)
    await other.renew()
    expect(other.term).not.to.equal(undefined)
    await other.stop()
    await one.stop()
  })

  it('says when a term begins, and when it ends, each once', async () => {
    const { housekeeper, changes, sleep } = aHousekeeper(await aCatalog(), 'one')
    await housekeeper.renew()
    await housekeeper.renew()
    expect(changes).to.deep.equal([1])
    sleep(HOUR)
    expect(housekeeper.term).to.equal(undefined)
    expect(changes).to.deep.equal([1, undefined])
    await housekeeper.stop()
    expect(changes).to.deep.equal([1, undefined])
  })

  it('keeps its term while it renews it', async () => {
    const { housekeeper, sleep } = aHousekeeper(await aCatalog(), 'one')
    await housekeeper.renew()
    const { term } = housekeeper
    sleep(HOUR - 2_000)
    await housekeeper.renew()
    sleep(HOUR - 2_000)
    expect(housekeeper.term).to.equal(term)
    await housekeeper.stop()
  })

  it('has none any more, and ends what is under way, where it slept for longer than a term', async () => {
    const { housekeeper, sleep } = aHousekeeper(await aCatalog(), 'one')
    await housekeeper.renew()
    const { term } = housekeeper
    sleep(HOUR)
    expect(housekeeper.term).to.equal(undefined)
    expect(term!.signal.aborted).to.equal(true)
    await housekeeper.stop()
  })

  it('ends its term where another server has it', async () => {
    const catalog = await aCatalog()
    const { housekeeper: former } = aHousekeeper(catalog, 'former')
    const { housekeeper: next } = aHousekeeper(catalog, 'next')
    await former.renew()
    const { term } = former
    await giveUp(catalog, 'former', former)
    await next.renew()
    await former.renew()
    expect(former.term).to.equal(undefined)
    expect(term!.signal.aborted).to.equal(true)
    await next.stop()
    await former.stop()
  })

  it('has every write of a former term rejected, with nothing changed', async () => {
    const catalog = await aCatalog()
    const { housekeeper: former } = aHousekeeper(catalog, 'former')
    const { housekeeper: next } = aHousekeeper(catalog, 'next')
    await former.renew()
    await giveUp(catalog, 'former', former)
    await next.renew()
    const { signal, fence } = former.term!
    const late = fence(catalog)
    const writes = [
      late.write('shop', (writer) => writer.ensureModel('shop', '2026-12-01T08:00:00.000Z')),
      late.writeEveryModel((writer) => writer.ensureModel('shop', '2026-12-01T08:00:00.000Z')),
      late.writeShared((writer) => writer.noteUnusedBlobs(['a'.repeat(64)], '2026-12-01T08:00:00.000Z')),
    ]
    for (const write of writes)
      expect(await rejection(Promise.resolve(write))).to.include({ code: 'catalog-unavailable' })
    expect(await catalog.findModel('shop')).to.equal(undefined)
    expect(signal.aborted).to.equal(true)
    expect(former.term).to.equal(undefined)
    await next
      .term!.fence(catalog)
      .write('shop', (writer) => writer.ensureModel('shop', '2026-12-01T08:00:00.000Z'))
    expect(await catalog.findModel('shop')).to.not.equal(undefined)
    await former.stop()
    await next.stop()
  })

  it('has what began in a term rejected in a later term of the same server, as another one had it in between', async () => {
    const catalog = await aCatalog()
    const { housekeeper: one } = aHousekeeper(catalog, 'one')
    const { housekeeper: other } = aHousekeeper(catalog, 'other')
    await one.renew()
    const late = one.term!.fence(catalog)
    await giveUp(catalog, 'one', one)
    await other.renew()
    await other.stop()
    await one.renew()
    expect(one.term).to.include({ epoch: 3 })
    const write = late.write('shop', (writer) => writer.ensureModel('shop', '2026-12-01T08:00:00.000Z'))
    expect(await rejection(write)).to.include({ code: 'catalog-unavailable' })
    expect(one.term).to.include({ epoch: 3 })
    await one.stop()
  })
})
