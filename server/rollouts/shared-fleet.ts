import type { Catalog } from '../catalog/catalog.ts'
import { inParts } from '../catalog/in-parts.ts'
import type { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { FollowedDatabase } from '../coordination/followed-database.ts'
import type { Housekeeping, HousekeepingTerm } from '../coordination/housekeeping.ts'
import type { SilenceFact } from '../fleet/fact.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { ProcessRecord } from '../fleet/process-record.ts'
import { isSilent } from '../fleet/silence-window.ts'
import { repeat } from '../time/repeat.ts'
import type { FleetTransactions } from './fleet-transactions.ts'
import { readTogether } from './read-together.ts'
import type { SharedState } from './shared-state.ts'

/** Milliseconds between two looks at what other servers changed. */
const COMPARED_EVERY = 1_000

/**
 * So many models are read anew with each look, where all are to be: what changed in others is not to wait for thousands of them, nor a poll
 * for as many at once. Read one by one, 10,000 models were 2,500 transactions a second for 100 s after each start of a database.
 */
const READ_ANEW = { together: 100, eachLook: 1_000 }

/**
 * What another server has heard within so many milliseconds may stand in no row yet: it writes times every 5 s, and this one reads
 * them with its own save. With polls every 100 s a window of silence is three of them: two lost polls made a bot lost that had just been heard.
 */
const UNKNOWN_FOR = 10_000

export interface SharedFleetDependencies {
  readonly catalog: Catalog
  readonly tracker: FleetTracker
  readonly transactions: FleetTransactions
  readonly state: SharedState
  readonly locks: KeyedMutex
  /** Whether this server concludes from silence: one does for all. */
  readonly housekeeping: Housekeeping
  /** Tells which database answers: one that servers are failed over to may lack the last changes, and give their numbers again to others. */
  readonly followed?: FollowedDatabase
  /** Told of each model of whose bots or rollouts another server changed something. */
  readonly onChange: (model: string) => void
  /** Told when the catalog did not answer, or did not take something; it is tried again. */
  readonly onFailure: (error: unknown) => void
}

/** Keeps what is known of bots together where several servers hear them. */
export class SharedFleet {
  readonly #dependencies: SharedFleetDependencies
  readonly #followed: FollowedDatabase

  constructor(dependencies: SharedFleetDependencies) {
    this.#dependencies = dependencies
    this.#followed = dependencies.followed ?? new FollowedDatabase()
  }

  /** Takes in what other servers change, once a second until `signal` aborts. */
  follow(signal: AbortSignal): Promise<void> {
    const schedule = { first: COMPARED_EVERY, every: COMPARED_EVERY }
    return repeat(schedule, signal, () => this.compare().then(() => undefined), this.#dependencies.onFailure)
  }

  /** Takes in what other servers changed until now. @throws what the catalog throws. */
  async compare(): Promise<void> {
    const { catalog, locks, onChange, state } = this.#dependencies
    const { answer, judgement } = await this.#followed.look(async () => {
      // Before it is asked: what is committed meanwhile is not missing there.
      const known = state.knownRevisions()
      const answer = await catalog.listFleetRevisions()
      const lacks = answer.revisions.some(({ model, revision }) => revision < (known.get(model) ?? 0))
      return { ...answer, lacks }
    })
    if (judgement === 'another') {
      state.distrust(answer.revisions)
      this.#followed.follow(answer)
    }
    const refresh = async (model: string) => {
      if (await locks.run(model, () => state.refresh(catalog, model))) onChange(model)
    }
    for (const { model, revision } of answer.revisions) {
      if (revision > state.knownRevision(model)) await refresh(model)
    }
    if (judgement === 'behind') return
    await this.#readAnew(state.lostModels().slice(0, READ_ANEW.eachLook))
  }

  async #readAnew(lost: readonly string[]): Promise<void> {
    const { catalog, locks, onChange, state } = this.#dependencies
    for (let begin = 0; begin < lost.length; begin += READ_ANEW.together) {
      const models = lost.slice(begin, begin + READ_ANEW.together)
      const reader = await readTogether(catalog, models)
      for (const model of models) {
        // Whoever changed it meanwhile has read it, later.
        const refresh = async () => state.isLost(model) && (await state.refresh(reader, model))
        if (await locks.run(model, refresh)) onChange(model)
      }
    }
  }

  /** Time is looked at with {@link save}: what it says depends on what other servers heard. */
  tick(): void {
    // Nothing to be done before.
  }

  /** Has the catalog keep when processes were heard, learns when others heard them, and concludes from silence. It never rejects. */
  async save(): Promise<void> {
    const { housekeeping, onFailure, state, tracker, transactions } = this.#dependencies
    try {
      await tracker.save()
      await tracker.hearFromOthers()
      const { term } = housekeeping
      if (term !== undefined) await this.#concludeFromSilence(term)
      // Of what is in doubt it is found out what the catalog has.
      const unsaved = [...tracker.unsavedModels(), ...transactions.unkeptModels(), ...state.doubtfulModels()]
      for (const model of new Set(unsaved)) await transactions.flush(model)
    } catch (error) {
      onFailure(error)
    }
  }

  /**
   * Drops what is older than is to be kept, for all servers. What memory says may be older than what others heard: each process is
   * looked up before it is forgotten.
   *
   * @throws whatever the catalog throws; LeaseTaken where another server does it now.
   */
  async forgetOld(term: HousekeepingTerm): Promise<void> {
    const { catalog, tracker, transactions } = this.#dependencies
    const fenced = term.fence(catalog)
    const before = tracker.keptSince()
    const silent = new Map<string, string[]>()
    for (const { model, record } of tracker.memory.records()) {
      if (record.lastSeen >= before) continue
      const processes = silent.get(model)
      if (processes === undefined) silent.set(model, [record.process])
      else processes.push(record.process)
    }
    for (const [model, processes] of silent) {
      // A transaction for each part: the model's row is locked for as long as it takes.
      for (const heard of inParts(processes)) {
        const run = () => {
          for (const process of heard) {
            const record = tracker.memory.find(model, process)
            if (record !== undefined && record.lastSeen < before) tracker.memory.forget(model, process)
          }
        }
        await transactions.run(model, { run, heard }, fenced)
      }
    }
    await tracker.forgetOldRows(fenced)
  }

  async #concludeFromSilence(term: HousekeepingTerm): Promise<void> {
    const { catalog, tracker, transactions } = this.#dependencies
    const silent = new Map<string, SilenceFact[]>()
    const now = tracker.now()
    for (const { model, record, fact } of tracker.listSilences()) {
      if (!isSilentForAll(record, fact, now)) continue
      const facts = silent.get(model)
      if (facts === undefined) silent.set(model, [fact])
      else facts.push(fact)
    }
    for (const [model, facts] of silent) {
      const run = () => {
        for (const fact of facts) {
          // Its row was read again since.
          const record = tracker.memory.find(model, fact.process)
          if (record !== undefined && isSilentForAll(record, fact, now)) tracker.take(model, fact, now)
        }
      }
      await transactions.run(model, { run, heard: facts.map(({ process }) => process) }, term.fence(catalog))
    }
  }
}

/** Whether a process is silent beyond its window, whatever another server has heard that stands in no row yet. */
function isSilentForAll(record: ProcessRecord, fact: SilenceFact, now: number): boolean {
  return isSilent(record, fact, now) && isSilent(record, fact, now - UNKNOWN_FOR)
}
