import { randomUUID } from 'node:crypto'
import { botOfEntry } from '../fleet/bot-entry.ts'
import type { Bot } from '../fleet/bot.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { PullAccess } from '../fleet/independence.ts'
import {
  ENOUGH_POLLS,
  type ProcessRecord,
  type Source,
  type Standing,
  type Target,
} from '../fleet/process-record.ts'
import { changesTimesOnly } from '../fleet/changes-times-only.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { ReleaseIndex } from '../releases/release-index.ts'
import type { Digest, ServedRelease } from '../releases/release.ts'
import type { AnswerPolls, OfferReport, PollAnswer, Poller } from './poll-answer.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import { isImmediate, releaseForAll, type Rollout } from './rollout.ts'
import { selectRelease, type Selection } from './select-release.ts'
import { TagCensus } from './tag-census.ts'
import { TakenPlaces } from './taken-places.ts'
import { processUnitId, unitsOfBot, type Unit } from './unit.ts'

export interface PollSelectionDependencies {
  readonly tracker: FleetTracker
  readonly rollouts: LiveRollouts
  readonly current: CurrentReleases
  readonly index: ReleaseIndex
  readonly access: PullAccess
  /** Whether nobody knows which rollouts are under way: the catalog was lost at the start, or does not answer where another server may change it. */
  readonly areRolloutsUnknown?: () => boolean
  /** Takes in, where other servers do, too, what becomes of an offer, and has it kept; what is decided is kept by whoever asks. */
  readonly keep?: (model: string, take: () => void) => void
}

/** A poll of a process, once it is known who sent it and what the tag points at. */
interface Question {
  readonly model: string
  readonly tag: string
  readonly current: ServedRelease
  readonly rollout: Rollout | null
  readonly bot: Bot
  readonly record: ProcessRecord
  readonly now: number
}

/**
 * Says what each poll is answered, and takes in what it says. A poll in sync with what every bot of its tag is meant to run
 * costs a few look-ups; everything else is one decision (`selectRelease`).
 */
export class PollSelection implements AnswerPolls {
  readonly #dependencies: PollSelectionDependencies
  /** Connections of an earlier run are not this one's. */
  readonly #run = randomUUID().slice(0, 8)
  readonly #census: TagCensus
  readonly #taken: TakenPlaces
  #offers = 0

  constructor(dependencies: PollSelectionDependencies) {
    this.#dependencies = dependencies
    this.#census = new TagCensus(dependencies.tracker.memory)
    this.#taken = new TakenPlaces(dependencies.tracker.memory)
  }

  answerRepeat(
    model: string,
    requestedTag: string | undefined,
    poller: Poller,
    now: number,
  ): PollAnswer | undefined {
    const { current, rollouts, tracker } = this.#dependencies
    const { claim } = poller
    const tagged = current.find(model, requestedTag)
    if (tagged === undefined || claim.kind !== 'running' || !poller.isPoll) return undefined
    const tag = requestedTag ?? current.defaultTag(model) ?? ''
    const { process, digest } = claim
    if (!isForEveryone(rollouts.find(model, tag), tagged, digest)) return undefined
    const { instance = null, token = null, hints } = poller
    const poll = { kind: 'poll', process, tag, source: { instance, token }, digest, hints } as const
    return tracker.takeRepeat(model, poll, now) ? { kind: 'serve', release: tagged } : undefined
  }

  select(
    model: string,
    requestedTag: string | undefined,
    poller: Poller,
    now: number,
  ): PollAnswer | undefined {
    const { current, rollouts, tracker } = this.#dependencies
    const tagged = current.find(model, requestedTag)
    const { claim } = poller
    if (tagged === undefined || claim.kind === 'unknown' || !poller.isPoll) {
      return tagged && { kind: 'serve', release: tagged }
    }
    const tag = requestedTag ?? current.defaultTag(model) ?? ''
    const { process } = claim
    const digest = claim.kind === 'running' ? claim.digest : null
    const { source, hints } = poller
    const taken = tracker.take(model, { kind: 'poll', process, tag, source, digest, hints }, now)
    const record = taken.after
    // There was no room for it: it gets what it would get without a name.
    if (record === undefined) return { kind: 'serve', release: tagged }
    const rollout = rollouts.find(model, tag)
    if (isForEveryone(rollout, tagged, digest)) {
      this.#noteStanding(model, record, 'in-sync', now)
      return { kind: 'serve', release: tagged }
    }
    if (digest !== null && this.#dependencies.areRolloutsUnknown?.() === true)
      return this.#keep(model, record, digest, now)
    const { bot } = taken
    if (bot === undefined) return { kind: 'serve', release: tagged }
    return this.#decide({ model, tag, current: tagged, rollout, bot, record, now })
  }

  /**
   * Whether the answer to a poll changes nothing that is known of the process but times: it runs what it should, or waits as it did.
   * Whatever else is asked for says nothing of a process.
   */
  isAnsweredFromMemory(
    model: string,
    requestedTag: string | undefined,
    { claim, isPoll, source }: Poller,
    now: number,
  ): boolean {
    const { current, rollouts, tracker } = this.#dependencies
    const tagged = current.find(model, requestedTag)
    if (tagged === undefined || claim.kind === 'unknown' || !isPoll) return true
    const tag = requestedTag ?? current.defaultTag(model) ?? ''
    const digest = claim.kind === 'running' ? claim.digest : null
    const heard = tracker.memory.entry(model, claim.process)
    if (heard === undefined || !isHeardAlike(heard.record, tag, source, digest)) return false
    const { record } = heard
    if (!changesTimesOnly(record, heard.bot.fields.settledAt, { digest }, now)) return false
    const rollout = rollouts.find(model, tag)
    if (isForEveryone(rollout, tagged, digest)) return record.standing === 'in-sync'
    const bot = botOfEntry(heard.bot, claim.process)
    const decision = this.#ask({ model, tag, current: tagged, rollout, bot, record, now })
    if (decision.kind === 'unchanged') return record.standing === 'in-sync'
    return decision.kind === 'hold' && decision.standing === record.standing
  }

  /** Whether a bot runs what every bot of the tag is meant to run, by what memory knows. */
  isInSync(model: string, requestedTag: string | undefined, { claim }: Pick<Poller, 'claim'>): boolean {
    const { current, rollouts } = this.#dependencies
    const tagged = current.find(model, requestedTag)
    if (tagged === undefined || claim.kind !== 'running') return false
    const tag = requestedTag ?? current.defaultTag(model) ?? ''
    return isForEveryone(rollouts.find(model, tag), tagged, claim.digest)
  }

  /** Nobody changes models because of an outage: what a bot runs may be a canary's, which the tag knows nothing of. */
  #keep(model: string, record: ProcessRecord, digest: Digest, now: number): PollAnswer {
    this.#noteStanding(model, record, 'waiting', now)
    const release = this.#dependencies.index.find(model, digest)
    return release === undefined ? { kind: 'wait' } : { kind: 'keep', release }
  }

  #decide(question: Question): PollAnswer {
    const { model, current, record, now } = question
    const decision = this.#ask(question)
    switch (decision.kind) {
      case 'none':
        return { kind: 'serve', release: current }
      case 'unchanged':
        this.#noteStanding(model, record, 'in-sync', now)
        return { kind: 'serve', release: this.#served(question, decision.target) ?? current }
      case 'hold': {
        this.#noteStanding(model, record, decision.standing, now)
        const kept = record.digest === null ? undefined : this.#find(question, record.digest)
        return decision.status === 304 && kept !== undefined
          ? { kind: 'keep', release: kept }
          : { kind: 'wait' }
      }
      case 'offer': {
        const release = this.#served(question, decision.target)
        if (release === undefined) return { kind: 'wait' }
        return { kind: 'serve', release, offer: this.#beginOffer(question, decision.target) }
      }
    }
  }

  #ask(question: Question): Selection {
    const { model, tag, current, rollout, bot, record, now } = question
    const { access, index, rollouts } = this.#dependencies
    const terms = { access, before: rollout?.startedAt ?? now }
    const unit = unitsOfBot(bot, tag, terms, now).find(({ processes }) => processes.includes(record))
    // A process of its own where its bot says nothing of it.
    const asking = unit ?? aloneUnit(bot, record)
    const taken = () => this.#taken.count(question, terms, now)
    const census = () => this.#census.read(question, terms, now)
    return selectRelease(
      {
        process: record,
        unit: asking,
        current: { release: current.number, digest: current.digest },
        rollout,
        policy: rollout?.policy ?? rollouts.policy(model, tag),
        // Counting takes a look at many bots: only where the answer depends on it.
        get places() {
          return {
            taken: taken(),
            get population() {
              return census().population
            },
          }
        },
        get fallbacks() {
          return census().fallbacks.flatMap((digest) => {
            const release = index.find(model, digest)
            return release === undefined ? [] : [{ release: release.number, digest }]
          })
        },
      },
      now,
    )
  }

  #beginOffer({ model, record, rollout, now }: Question, target: Target): OfferReport {
    const { keep, rollouts, tracker } = this.#dependencies
    const { process, tag } = record
    const { maxUpdating } = rollout?.policy ?? rollouts.policy(model, tag)
    const isCounted = maxUpdating !== null || (rollout !== null && !isImmediate(rollout))
    const stream = `${this.#run}-${++this.#offers}`
    tracker.take(model, { kind: 'offer-begun', process, target, stream }, now)
    const report = (kind: 'offer-sent' | 'offer-cut' | 'offer-withdrawn') => () => {
      const at = tracker.now()
      const take = () => tracker.take(model, { kind, process, stream }, at)
      if (keep === undefined) take()
      else keep(model, take)
    }
    return {
      // Where a rollout counts places, or bots, no crash may make it forget one.
      committed: isCounted && keep === undefined ? tracker.saveSoon() : undefined,
      sent: report('offer-sent'),
      cut: report('offer-cut'),
      withdraw: report('offer-withdrawn'),
    }
  }

  #noteStanding(
    model: string,
    { process, standing: before }: ProcessRecord,
    standing: Standing,
    now: number,
  ): void {
    if (before === standing) return
    this.#dependencies.tracker.take(model, { kind: 'answered', process, standing }, now)
  }

  /** Several releases may have the same bytes: bots are told the one that is meant. */
  #served(question: Question, { digest, release }: Target): ServedRelease | undefined {
    const { model, current } = question
    return digest === current.digest && release === current.number
      ? current
      : (this.#dependencies.index.find(model, digest, release) ?? this.#find(question, digest))
  }

  #find({ model, current }: Question, digest: Digest): ServedRelease | undefined {
    return digest === current.digest ? current : this.#dependencies.index.find(model, digest)
  }
}

/** Whether a digest is that of the release that every bot of the tag is meant to run. */
function isForEveryone(rollout: Rollout | null, tagged: ServedRelease, digest: Digest | null): boolean {
  return digest === tagged.digest && (rollout === null || releaseForAll(rollout)?.digest === digest)
}

/** Whether the last poll of a process was like this one, and not the first with that digest. */
function isHeardAlike(record: ProcessRecord, tag: string, source: Source, digest: Digest | null): boolean {
  const { instance, token, address } = record.source
  if (digest !== null && record.polls < ENOUGH_POLLS) return false
  if (record.tag !== tag || instance !== source.instance) return false
  return token === source.token && address === source.address
}

function aloneUnit(bot: Bot, record: ProcessRecord): Unit {
  return {
    id: processUnitId(bot.bot, record),
    bot: bot.bot,
    isEvidence: false,
    hints: [],
    mayBeInvented: true,
    source: record.source,
    processes: [record],
  }
}
