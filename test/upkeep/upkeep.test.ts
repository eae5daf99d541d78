import { aTerm } from '../support/a-term.ts'
import { once } from 'node:events'
import { expect } from 'chai'
import type { BlobStat, BlobStore } from '../../server/blobs/blob-store.ts'
import type { Housekeeping, HousekeepingTerm } from '../../server/coordination/housekeeping.ts'
import { Upkeep, type UpkeepDependencies } from '../../server/upkeep/upkeep.ts'
import type { Clock } from '../../server/time/clock.ts'
import {
  DAY,
  digestOfText,
  pollRunning,
  storedDigests,
  upkeepParts,
  type UpkeepParts,
} from './upkeep-support.ts'
import { eventually } from '../support/eventually.ts'
import { keptLog } from '../support/log-lines.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const BOT = '0123456789ab4def8123456789abcdef'
const OFTEN = { first: 0, every: 5 }
const NEVER = { first: 1e8, every: 1e8 }
const ALL_NEVER = {
  fleet: NEVER,
  forgetting: NEVER,
  orphans: NEVER,
  sweep: NEVER,
  retention: NEVER,
  scrub: NEVER,
  disk: NEVER,
  clock: NEVER,
}

function upkeepOf(
  parts: UpkeepParts,
  schedules: ConstructorParameters<typeof Upkeep>[1],
  changes: Partial<UpkeepDependencies> = {},
) {
  const { logger, lines } = keptLog()
  const verifier = { verify: () => Promise.resolve('sound' as const) }
  const upkeep = new Upkeep(
    {
      ...parts,
      logger,
      verifier,
      retention: undefined,
      graceMilliseconds: DAY,
      scrub: true,
      isCatalogLost: () => false,
      readSpace: () => Promise.resolve({ free: 50, total: 100 }),
      ...changes,
    },
    { ...ALL_NEVER, ...schedules },
  )
  upkeep.start()
  afterThisTest(() => upkeep.stop())
  const logged = (msg: string) => lines.find((line) => line.msg === msg)
  return { upkeep, lines, logged: (msg: string) => eventually(msg, () => logged(msg)) }
}

/** A term that begins with {@link isAsked}, so that a test knows when tasks had it. */
class CountedHousekeeper implements Housekeeping {
  readonly #term: HousekeepingTerm = aTerm()
  #asked: number | undefined

  get term(): HousekeepingTerm | undefined {
    if (this.#asked === undefined) return undefined
    this.#asked++
    return this.#term
  }

  /** Begins the term, and waits until tasks asked for it so often: all but the last have ended then. */
  async isAsked(times: number): Promise<void> {
    this.#asked = 0
    await eventually(`${times} tasks begin`, () => (this.#asked ?? 0) >= times)
  }
}

describe('Upkeep', () => {
  let parts: UpkeepParts

  beforeEach(async () => {
    parts = await upkeepParts()
    for (let number = 1; number <= 8; number++) await parts.publish(`archive ${number}`)
    parts.clock.advance(100 * DAY)
  })

  it('prunes by the policy, deletes the blobs after their grace period, and says so', async () => {
    const { logged, upkeep } = upkeepOf(
      parts,
      { retention: OFTEN, sweep: OFTEN },
      { retention: { keepReleases: 1 } },
    )
    expect(await logged('pruned')).to.deep.include({ model: 'shop', releases: [3, 2, 1] })
    expect(await storedDigests(parts.blobs)).to.have.length(8)
    parts.clock.advance(2 * DAY)
    expect(await logged('gc')).to.include({ blobs: 3 })
    expect(await storedDigests(parts.blobs)).to.have.length(5)
    expect(upkeep.counts).to.include({ prunedReleases: 3, deletedBlobs: 3 })
  })

  it('writes down what polls said', async () => {
    upkeepOf(parts, { fleet: OFTEN })
    pollRunning(parts, 'shop', BOT, digestOfText('archive 1'))
    parts.clock.advance(1)
    pollRunning(parts, 'shop', BOT, digestOfText('archive 1'))
    const lastSeen = async () => (await parts.catalog.listProcesses({ limit: 9 })).at(0)?.record.lastSeen
    await eventually('it was written', async () => (await lastSeen()) === parts.clock.now())
  })

  it('drops what was to be kept no longer: processes, events, and rollouts that ended', async () => {
    await parts.publish('archive 9', 'shop', ['production'])
    const rollouts = () => parts.catalog.listRollouts('shop', undefined, { limit: 99 })
    const states = async () => [...new Set((await rollouts()).map(({ state }) => state))]
    const { judge } = parts
    // Nobody polls: each is done after an hour.
    parts.clock.advance(2 * 3_600_000)
    await judge.judgeAll()
    expect(await states()).to.include('done')
    pollRunning(parts, 'shop', BOT, digestOfText('archive 1'))
    await parts.fleet.save()
    parts.clock.advance(31 * DAY)
    upkeepOf(parts, { forgetting: OFTEN })
    await eventually('ended rollouts are gone', async () => !(await states()).includes('done'))
    expect(await parts.catalog.listProcesses({ limit: 9 })).to.deep.equal([])
  })

  it('finds what a crash left', async () => {
    const staged = await parts.blobs.stage()
    await staged.write(Buffer.from('left behind'))
    await staged.commit()
    const { logged } = upkeepOf(parts, { orphans: OFTEN })
    expect(await logged('orphan_found')).to.include({ digest: staged.digest() })
  })

  it('warns once for each time that the disk fills', async () => {
    let free = 14
    let looks = 0
    const readSpace = () => {
      looks++
      return Promise.resolve({ free, total: 100 })
    }
    const { lines, logged } = upkeepOf(parts, { disk: OFTEN }, { readSpace })
    const twoMoreLooks = () => {
      const before = looks
      return eventually('two more looks at the disk', () => looks > before + 1)
    }
    await logged('disk_filling')
    free = 50
    await twoMoreLooks()
    free = 10
    await eventually('a second warning', () => lines.filter(({ msg }) => msg === 'disk_filling').length === 2)
    await twoMoreLooks()
    expect(lines.filter(({ msg }) => msg === 'disk_filling')).to.have.length(2)
  })

  it('notices that the clock was set, and prunes nothing by itself for a day', async () => {
    const clock = aWatchedClock(parts.clock)
    const housekeeper = new CountedHousekeeper()
    const { logged, lines } = upkeepOf(
      parts,
      { clock: OFTEN, retention: OFTEN },
      { clock, housekeeping: housekeeper, retention: { keepDays: 300 } },
    )
    await eventually('a first look at the clock', () => clock.looks > 0)
    parts.clock.advance(365 * DAY)
    expect(await logged('clock_jump')).to.include({ seconds: 365 * 24 * 60 * 60 })
    await housekeeper.isAsked(3)
    expect(await parts.catalog.countReleases('shop')).to.equal(8)
    expect(lines.some(({ msg }) => msg === 'pruned')).to.equal(false)
  })

  it('forgets no bot by itself for a day after the clock was set, also where it has just been', async () => {
    pollRunning(parts, 'shop', BOT, digestOfText('archive 1'))
    await parts.fleet.save()
    const clock = aWatchedClock(parts.clock)
    const housekeeper = new CountedHousekeeper()
    upkeepOf(
      parts,
      { clock: { first: 0, every: 1e8 }, forgetting: OFTEN },
      { clock, housekeeping: housekeeper },
    )
    await eventually('a first look at the clock', () => clock.looks > 0)
    parts.clock.advance(365 * DAY)
    await housekeeper.isAsked(3)
    expect(await parts.catalog.listProcesses({ limit: 9 })).to.have.length(1)
  })

  it('goes on after a failure, and says what failed', async () => {
    let isBroken = true
    const { logged } = upkeepOf(
      parts,
      { disk: OFTEN },
      {
        readSpace: () =>
          isBroken ? Promise.reject(new Error('no such volume')) : Promise.resolve({ free: 1, total: 100 }),
      },
    )
    expect(await logged('upkeep_failed')).to.include({ task: 'disk' })
    isBroken = false
    await logged('disk_filling')
  })

  it('leaves to another server what one does for all, takes it over, and ends when its term does', async () => {
    const term = new AbortController()
    const housekeeping: { term: HousekeepingTerm | undefined } = { term: undefined }
    let looks = 0
    const counted = Object.assign(Object.create(parts.blobs) as BlobStore, {
      async *list(signal?: AbortSignal): AsyncGenerator<BlobStat> {
        looks++
        if (looks > 1) await once(signal ?? term.signal, 'abort')
        signal?.throwIfAborted()
        yield* parts.blobs.list(signal)
      },
    })
    const { lines } = upkeepOf(parts, { orphans: OFTEN, disk: OFTEN }, { housekeeping, blobs: counted })
    await parts.catalog.listDigests({ limit: 1 })
    await new Promise(setImmediate)
    expect(looks).to.equal(0)
    housekeeping.term = aTerm(1, term.signal)
    await eventually('a second look, which hangs', () => looks === 2)
    housekeeping.term = undefined
    term.abort(new Error('Another server took over'))
    await new Promise(setImmediate)
    expect(lines.filter(({ msg }) => msg === 'upkeep_failed')).to.deep.equal([])
  })

  it('does nothing that needs a catalog where that is lost', async () => {
    const housekeeping = new CountedHousekeeper()
    const lost = { isCatalogLost: () => true, housekeeping, retention: { keepReleases: 1 } }
    const { upkeep } = upkeepOf(parts, { retention: OFTEN, sweep: OFTEN, scrub: OFTEN }, lost)
    await housekeeping.isAsked(9)
    await upkeep.stop()
    expect(await parts.catalog.countReleases('shop')).to.equal(8)
  })
})

/** A clock that counts who looks at it. */
function aWatchedClock(watched: Clock): Clock & { readonly looks: number } {
  let looks = 0
  return {
    get looks() {
      return looks
    },
    now: () => {
      looks++
      return watched.now()
    },
  }
}
