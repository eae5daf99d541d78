import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { promoteRelease, type Promoted, type Promotion } from '../../server/releases/promote-release.ts'
import { rollBackTag, type Rollback } from '../../server/releases/roll-back-tag.ts'
import type { PollAnswer, Poller } from '../../server/rollouts/poll-answer.ts'
import { loadRollouts } from '../../server/rollouts/load-rollouts.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aRelease } from '../support/a-release.ts'
import { aClock, type ManualClock } from '../support/manual-clock.ts'
import { rolloutParts, type RolloutPartsOptions } from '../support/rollout-parts.ts'

export const MODEL = 'shop'
export const TAG = 'production'
export const SECOND = 1000

/** The digest of a release that a test numbers. */
export function digestOf(number: number): string {
  return String(number).repeat(64).slice(0, 64)
}

/** A bot with one process, as a server sees it: it polls, loads what it is sent, or fails to. */
export interface SimulatedBot {
  readonly name: string
  readonly process: string
  /** Releases that it cannot load. */
  readonly broken: Set<number>
  runs: number | null
  /** Where it polls from; one of its own by its name unless said. */
  address?: string
}

/** Bot number `index`, from 1, before its first poll. */
export function aSimulatedBot(index: number): SimulatedBot {
  const process = `${index.toString(16).padStart(8, '0')}aaaa4aaa8aaaaaaaaaaaaaaa`
  return { name: `pod-${index}`, process, broken: new Set(), runs: null }
}

/** What a bot says of itself when it polls. */
export function pollerOf({ process, name, runs, address = `10.0.0.${name.slice(4)}` }: SimulatedBot): Poller {
  const claim =
    runs === null
      ? ({ kind: 'fresh', process } as const)
      : ({ kind: 'running', process, digest: digestOf(runs) } as const)
  const source = { instance: name, token: null, address }
  return { claim, isPoll: true, instance: name, token: undefined, source, hints: [] }
}

/** What a bot is sent it loads, or fails to, before its next poll. */
export function loadAnswer(bot: SimulatedBot, answer: PollAnswer | undefined): void {
  if (answer?.kind !== 'serve' || answer.offer === undefined) return
  answer.offer.sent()
  if (!bot.broken.has(answer.release.number)) bot.runs = answer.release.number
}

/** Puts releases 1 to 4 into a catalog. */
export async function addReleases(catalog: Catalog): Promise<void> {
  await catalog.write(MODEL, async (writer) => {
    await writer.ensureModel(MODEL, '2026-12-01T08:00:00.000Z')
    for (let number = 1; number <= 4; number++) {
      await writer.insertRelease(aRelease({ digest: digestOf(number) }))
    }
  })
}

/** A store of archives in which each is there, whatever its digest. */
export function soundBlobs(): ObjectBlobs {
  const blobs = new ObjectBlobs(new MemoryStore(), () => Promise.resolve(undefined))
  return new Proxy(blobs, {
    get: (target, name) =>
      name === 'stat'
        ? () => Promise.resolve({ size: 1, version: '1' })
        : (Reflect.get(target, name) as unknown),
  })
}

/** Has a server that starts know what the catalog says. */
export async function loadFrom(
  catalog: Catalog,
  { current, index, rollouts, tracker }: ReturnType<typeof rolloutParts>,
): Promise<void> {
  for (const model of await catalog.readCurrent()) current.replace(model)
  await index.load(catalog)
  await tracker.restore()
  await loadRollouts(catalog, rollouts, tracker)
}

/** A server's rollouts over a catalog with releases 1 to 4, and bots that run release 1 of `production`. */
export interface Shop {
  catalog: Catalog
  /** What lies behind it, whatever becomes of writes. */
  kept: Catalog
  clock: ManualClock
  bots: readonly SimulatedBot[]
  parts: ReturnType<typeof rolloutParts>
  /** What writes go through; a test may replace it. */
  write: Catalog['write'] | undefined
  promote(release: number, more?: Partial<Promotion>): Promise<Promoted>
  rollBack(more?: Partial<Rollback>): Promise<Promoted>
  /** Has a release need force from now on, as bots could not load it elsewhere. */
  takeBack(release: number): Promise<void>
  /** Pauses the rollout that is under way. */
  pause(): Promise<void>
  /** Every bot polls once, a second passes, and what was seen is judged. */
  round(times?: number): Promise<void>
  poll(bot: SimulatedBot): PollAnswer | undefined
  /** A server that was killed starts again: all that it knows is what the catalog keeps. */
  restart(options?: { saveFirst?: boolean }): Promise<void>
  underWay(): Rollout | null
  /** The rollouts of the tag as the catalog has them, the last one first. */
  stored(): Promise<Rollout[]>
  tagAt(): Promise<number | undefined>
  running(): (number | null)[]
}

/** @param count How many bots there are, all of which have shown that they load what they are sent. */
export async function aShop(count: number, options: RolloutPartsOptions = {}): Promise<Shop> {
  const clock = aClock()
  const kept = await aCatalog()
  const catalog = new Proxy(kept, {
    get(target, name) {
      if (name === 'write' && shop.write !== undefined) return shop.write
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  const blobs = soundBlobs()
  const bots = Array.from({ length: count }, (_, index) => aSimulatedBot(index + 1))
  const dependencies = () => ({
    blobs,
    catalog,
    damaged: new DamagedBlobs(),
    tagMover: shop.parts.runner,
  })
  const promotion = { model: MODEL, tag: TAG, by: 'ci' }
  const shop: Shop = {
    catalog,
    kept,
    clock,
    bots,
    write: undefined,
    parts: rolloutParts(kept, { clock, ...options }),
    promote: (release, more = {}) => promoteRelease(dependencies(), { ...promotion, release, ...more }),
    rollBack: (more = {}) => rollBackTag(dependencies(), { ...promotion, ...more }),
    async takeBack(release) {
      const quarantine = { at: clock.now(), reason: 'it did not load' }
      await catalog.write(MODEL, (writer) => writer.quarantine(MODEL, digestOf(release), quarantine))
    },
    async pause() {
      const id = shop.underWay()?.id ?? ''
      await shop.parts.control.steer({ model: MODEL, id, command: 'pause', by: 'ann', reason: null })
    },
    poll(bot) {
      const answer = shop.parts.answer(MODEL, TAG, pollerOf(bot), clock.now())
      loadAnswer(bot, answer)
      return answer
    },
    async round(times = 1) {
      for (let turn = 0; turn < times; turn++) {
        for (const bot of bots) shop.poll(bot)
        clock.advance(SECOND)
        await shop.parts.judge.judgeAll()
      }
    },
    async restart({ saveFirst = true } = {}) {
      // Not waited for: what it waits for may never come.
      void shop.parts.judge.stop()
      if (saveFirst) await shop.parts.tracker.save()
      shop.write = undefined
      shop.parts = rolloutParts(catalog, { clock, ...options })
      await loadFrom(catalog, shop.parts)
    },
    underWay: () => shop.parts.rollouts.find(MODEL, TAG),
    stored: () => catalog.listRollouts(MODEL, TAG, { limit: 100 }),
    tagAt: async () => (await catalog.findTag(MODEL, TAG))?.release,
    running: () => bots.map(({ runs }) => runs),
  }
  await addReleases(catalog)
  shop.parts = rolloutParts(catalog, { clock, ...options })
  await shop.parts.index.load(catalog)
  await shop.promote(1)
  await shop.round(3)
  clock.advance(10 * SECOND)
  return shop
}

/** Whatever is written is durable, and whoever asked for it never hears so: the server was killed in between. */
export function killedAfterWrite(catalog: Catalog): Catalog['write'] {
  return async (model, work) => {
    await catalog.write(model, work)
    return new Promise(() => undefined)
  }
}
