import { expect } from 'chai'
import { BackupTurns } from '../../server/composition/backup-turns.ts'
import type { Housekeeping } from '../../server/coordination/housekeeping.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aTerm } from '../support/a-term.ts'

const HOUR = 60 * 60_000
const MINUTE = 60_000

describe('whose turn it is to back the catalog up', () => {
  async function twoServers() {
    const catalog = await aCatalog()
    let now = Date.parse('2026-11-26T12:00:00Z')
    const clock = { now: () => now }
    const server = (term: Housekeeping['term']) => new BackupTurns({ catalog, clock, housekeeping: { term } })
    return {
      keeper: server(aTerm()),
      other: server(undefined),
      successor: server(aTerm(2)),
      wait: (milliseconds: number) => void (now += milliseconds),
    }
  }

  it("is the housekeeper's, an interval after the last one, whoever took that", async () => {
    const { keeper, other, successor, wait } = await twoServers()
    expect(await other.next(HOUR)).to.equal(undefined)
    const turn = await keeper.next(HOUR)
    await turn!.taken()
    wait(HOUR - 1)
    expect(await keeper.next(HOUR)).to.equal(undefined)
    expect(await successor.next(HOUR)).to.equal(undefined)
    wait(1)
    expect(await other.next(HOUR)).to.equal(undefined)
    expect(await successor.next(HOUR)).not.to.equal(undefined)
  })

  it('comes again ten minutes after one that failed', async () => {
    const { keeper, wait } = await twoServers()
    expect(await keeper.next(HOUR)).not.to.equal(undefined)
    wait(10 * MINUTE - 1)
    expect(await keeper.next(HOUR)).to.equal(undefined)
    wait(1)
    expect(await keeper.next(HOUR)).not.to.equal(undefined)
  })

  it('is known to every server, and not put off by a clock that was set back', async () => {
    const { keeper, other, wait } = await twoServers()
    await (await keeper.next(HOUR))!.taken()
    await other.next(HOUR)
    expect(other.lastTakenAt).to.equal(Date.parse('2026-11-26T12:00:00Z'))
    wait(-24 * HOUR)
    expect(await keeper.next(HOUR)).not.to.equal(undefined)
  })

  it('fails with the catalog where one is due, and only as often as a backup is tried', async () => {
    const catalog = await aCatalog()
    let answers = true
    const failing = {
      ...catalog,
      findTaskProgress: async (task: string) => {
        if (answers) return await catalog.findTaskProgress(task)
        throw new Error('the database does not answer')
      },
    }
    let now = Date.parse('2026-11-26T12:00:00Z')
    const clock = { now: () => now }
    const server = (term: Housekeeping['term']) =>
      new BackupTurns({ catalog: failing, clock, housekeeping: { term } })
    const [keeper, other] = [server(aTerm()), server(undefined)]
    await (await keeper.next(HOUR))!.taken()
    answers = false
    expect(await other.next(HOUR)).to.equal(undefined)
    expect(await keeper.next(HOUR)).to.equal(undefined)
    now += HOUR
    expect(await rejection(keeper.next(HOUR))).to.have.property('message', 'the database does not answer')
    expect(await keeper.next(HOUR)).to.equal(undefined)
    expect(await other.next(HOUR)).to.equal(undefined)
    now += 10 * MINUTE
    expect(await rejection(keeper.next(HOUR))).to.be.instanceOf(Error)
  })

  it('comes again ten minutes after one that could not be told of', async () => {
    const catalog = await aCatalog()
    const failing = {
      ...catalog,
      writeShared: () => Promise.reject(new Error('the database takes no writes')),
    }
    const clock = { now: () => 20 * MINUTE }
    const turns = new BackupTurns({ catalog: failing, clock, housekeeping: { term: aTerm() } })
    const turn = await turns.next(HOUR)
    await rejection(turn!.taken())
    expect(await turns.next(HOUR)).to.equal(undefined)
  })
})
