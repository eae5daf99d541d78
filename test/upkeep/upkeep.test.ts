import { once } from 'node:events'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { LocalDamageRegister } from '../../server/blobs/local-damage-register.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { VerifiedBlobs } from '../../server/blobs/verified-blobs.ts'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import type { BlobStat, BlobStore } from '../../server/blobs/blob-store.ts'
import type { Housekeeping, HousekeepingTerm } from '../../server/coordination/housekeeping.ts'
import { clockJump } from '../../server/time/clock-jump.ts'
import { restAfter, ROUND_MILLISECONDS } from '../../server/upkeep/scrub-pace.ts'
import { damageLog } from '../../server/composition/damage-log.ts'
import { scrubNext } from '../../server/upkeep/scrub-storage.ts'
import { Upkeep, type UpkeepDependencies } from '../../server/upkeep/upkeep.ts'
import { usedShare, warningsOf } from '../../server/upkeep/warnings.ts'
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
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'

const BOT = '0123456789ab4def8123456789abcdef'
const OFTEN = { first: 0, every: 5 }
const NEVER = { first: 1e8, every: 1e8 }
const ALL_NEVER = {
  ...{ fleet: NEVER, forgetting: NEVER, orphans: NEVER, sweep: NEVER, retention: NEVER },
  ...{ scrub: NEVER, disk: NEVER, clock: NEVER },
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
      ...{ ...parts, logger, verifier, retention: undefined, graceMilliseconds: DAY, scrub: true },
      ...{
        isCatalogLost: () => false,
        readSpace: () => Promise.resolve({ free: 50, total: 100 }),
        ...changes,
      },
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
  readonly #term: HousekeepingTerm = { epoch: 1, signal: new AbortController().signal }
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
    housekeeping.term = { epoch: 1, signal: term.signal }
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

describe('the scrubber', () => {
  it('hashes every blob once a round, and goes on after a restart where it was', async () => {
    const parts = await upkeepParts()
    for (let number = 1; number <= 5; number++) await parts.publish(`archive ${number}`)
    const hashed: string[] = []
    const verifier = {
      verify: (digest: string) => {
        hashed.push(digest)
        return Promise.resolve('sound' as const)
      },
    }
    const next = () => scrubNext({ ...parts, verifier, rest: () => Promise.resolve() })
    for (let step = 0; step < 3; step++) await next()
    const early = [...hashed]
    for (let step = 0; step < 2; step++) await next()
    expect(hashed).to.deep.equal([...hashed].sort())
    expect(new Set(hashed).size).to.equal(5)
    expect(early).to.deep.equal(hashed.slice(0, 3))
    await next()
    expect((await parts.catalog.findTaskProgress('scrub'))?.completedAt).to.be.a('string')
    await next()
    expect(hashed[5]).to.equal(hashed[0])
  })

  it('comes round within 7 days, whatever the sizes, and rests between', async () => {
    const parts = await upkeepParts()
    for (let number = 1; number <= 40; number++) await parts.publish('x'.repeat(number * number * 500))
    const verifier = { verify: () => Promise.resolve('sound' as const) }
    const begun = parts.clock.now()
    let longest = 0
    for (let step = 0; step < 41; step++) {
      const pause = await scrubNext({ ...parts, verifier, rest: () => Promise.resolve() })
      longest = Math.max(longest, pause)
      parts.clock.advance(pause)
    }
    const days = (parts.clock.now() - begun) / DAY
    expect(days).to.be.within(5, 7)
    expect(longest).to.be.at.most(6 * 60 * 60 * 1000)
  })

  it('does not rest when it is late', () => {
    expect(restAfter(1000, { blobs: 5, bytes: 5000 }, -1)).to.equal(0)
    expect(restAfter(1000, { blobs: 0, bytes: 0 }, ROUND_MILLISECONDS)).to.be.above(0)
  })

  it('finds a flipped bit, quarantines the blob, and remembers that', async () => {
    const folder = await temporaryDirectory()
    const stored = new ObjectBlobs(new FilesystemStore(folder), () => Promise.resolve(undefined))
    const parts = await upkeepParts()
    const { logger, lines } = keptLog()
    const damaged = new DamagedBlobs()
    const register = new LocalDamageRegister(
      damaged,
      () => new Date().toISOString(),
      damageLog(parts.catalog, logger),
    )
    const blobs = new VerifiedBlobs(stored, register, (digest) => parts.catalog.digestSize(digest))
    const kept = upkeepPartsOver(parts, blobs)
    await kept.publish('rots')
    const [name] = (await readdir(folder, { recursive: true })).filter((each) => /[0-9a-f]{64}$/.test(each))
    const file = path.join(folder, name!)
    const bytes = await readFile(file)
    await chmod(file, 0o644)
    await writeFile(file, Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)]))
    await scrubNext({ ...parts, verifier: blobs, rest: () => Promise.resolve() })
    expect(lines.map(({ msg }) => msg)).to.include('blob_quarantined')
    expect(await parts.catalog.listDamagedBlobs()).to.have.length(1)
    const events = await parts.catalog.listEventsAfter(0, 100)
    expect(events.at(-1)).to.deep.include({
      kind: 'blob.damaged',
      body: { digest: path.basename(name!), kind: 'damaged' },
    })
    await kept.publish('rots')
    expect(await parts.catalog.listDamagedBlobs()).to.deep.equal([])
    expect(damaged.size).to.equal(0)
  })
})

describe('clockJump', () => {
  const at = (wall: number, monotonic: number) => ({ wall, monotonic })

  it('tells a clock that was set from time that passed', () => {
    expect(clockJump(at(0, 0), at(10_000, 10_000))).to.equal(0)
    expect(clockJump(at(0, 0), at(12_000, 10_000))).to.equal(0)
    expect(clockJump(at(0, 0), at(DAY, 10_000))).to.equal(DAY - 10_000)
    expect(clockJump(at(DAY, 0), at(0, 10_000))).to.equal(-DAY - 10_000)
  })
})

describe('warnings', () => {
  it('come from 85 % on, with damage, and with a lost catalog', () => {
    const well = { damagedBlobs: 0, isCatalogLost: false }
    expect(warningsOf({ ...well, space: { free: 16, total: 100 } })).to.deep.equal([])
    const bad = { damagedBlobs: 2, isCatalogLost: true }
    const codes = warningsOf({ ...bad, space: { free: 15, total: 100 } }).map(({ code }) => code)
    expect(codes).to.deep.equal(['disk-filling', 'blobs-damaged', 'catalog-lost'])
    expect(usedShare({ free: 0, total: 0 })).to.equal(0)
  })

  it('say that uploads are refused, with how much must stay free', () => {
    const state = { damagedBlobs: 0, isCatalogLost: false, space: { free: 2_000_000, total: 100_000_000 } }
    const [first, ...others] = warningsOf({ ...state, uploads: { free: 2_000_000, reserve: 2_000_000 } })
    expect([first?.code, others]).to.deep.equal(['uploads-refused', []])
    expect(first?.message).to.include('has 2 MB free, and 2 MB must stay so (SLIPWAY_MIN_FREE_BYTES)')
    const codes = warningsOf({ ...state, uploads: { free: 2_000_001, reserve: 2_000_000 } }).map(
      ({ code }) => code,
    )
    expect(codes).to.deep.equal(['disk-filling'])
  })

  it('say that changes are refused for another reason, once', () => {
    const state = {
      damagedBlobs: 0,
      space: { free: 90, total: 100 },
      refusal: 'Another server owns the bucket.',
    }
    expect(warningsOf({ ...state, isCatalogLost: false })).to.deep.equal([
      {
        code: 'uploads-refused',
        message: 'Uploads and changes are refused: Another server owns the bucket.',
      },
    ])
    expect(warningsOf({ ...state, isCatalogLost: true }).map(({ code }) => code)).to.deep.equal([
      'catalog-lost',
    ])
  })
})

function upkeepPartsOver(parts: UpkeepParts, blobs: VerifiedBlobs) {
  const over = { ...parts, blobs }
  return { publish: (text: string) => parts.publishOver(over, text) }
}

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
