import { setTimeout as delay } from 'node:timers/promises'
import type { Revisions } from '../catalog/answer.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { FollowedDatabase } from '../coordination/followed-database.ts'
import type { ReleaseNews } from '../coordination/release-news.ts'
import { DomainError } from '../errors/errors.ts'
import { repeat } from '../time/repeat.ts'
import type { CurrentReleases } from './current-releases.ts'

export interface FollowRevisionsOptions {
  catalog: Pick<Catalog, 'listRevisions' | 'readCurrent'>
  current: CurrentReleases
  /** What else the catalog is asked each time; where that fails the comparison does. */
  alongside?: () => Promise<void>
  /** Tells which database answers: one that servers are failed over to may lack the last changes, and give their revisions again to others. */
  followed?: FollowedDatabase
  /** Told after each comparison, with what went wrong, if something did. */
  onCompared: (failure: unknown) => void
  /** Milliseconds between two comparisons; a second by default. */
  every?: number
  /** Milliseconds for which the catalog is waited for; 4 s by default. */
  timeout?: number
  /** Milliseconds that only grow. */
  monotonic?: () => number
}

/** What is known is taken for what is so for so long. Milliseconds. */
const FRESH_FOR = 5_000

/**
 * Compares the revisions of all models with those that are known, once a second, and reads anew what differs: the truth is read,
 * not told. Where one server has the catalog, that is what became of a change whose outcome was not known.
 */
export class FollowRevisions implements ReleaseNews {
  readonly #options: FollowRevisionsOptions
  readonly #monotonic: () => number
  readonly #followed: FollowedDatabase
  #comparedAt: number
  #reload: (model: string) => Promise<void>

  constructor(options: FollowRevisionsOptions) {
    this.#options = options
    this.#monotonic = options.monotonic ?? (() => performance.now())
    this.#comparedAt = this.#monotonic()
    this.#followed = options.followed ?? new FollowedDatabase()
    this.#reload = async (model) => {
      for (const state of await options.catalog.readCurrent(model)) options.current.replace(state)
    }
  }

  /** Has `reload` read anew what is known of a model, in the place of the tags alone. */
  reloadBy(reload: (model: string) => Promise<void>): void {
    this.#reload = reload
  }

  /** Takes in at once what somebody says to have changed, in the place of the next comparison. */
  readonly hear = (model: string, revision: number): void => {
    if ((this.#options.current.revision(model) ?? 0) >= revision) return
    // Where that fails the next comparison finds it.
    this.#reload(model).catch(() => undefined)
  }

  /** Whether the last comparison is too long ago for what is known to be taken for what is so. */
  readonly isStale = (): boolean => this.#monotonic() - this.#comparedAt > FRESH_FOR

  async follow(signal: AbortSignal): Promise<void> {
    const { every = 1_000, onCompared } = this.#options
    await repeat({ first: every, every }, signal, () => this.compare().then(() => undefined), onCompared)
  }

  /** Takes in now what was changed until now. @throws what the catalog throws; DomainError `catalog-unavailable` where it does not answer. */
  async compare(): Promise<void> {
    const begun = this.#monotonic()
    await this.#compareAll()
    this.#comparedAt = begun
    this.#options.onCompared(undefined)
  }

  async #compareAll(): Promise<void> {
    const { timeout = 4_000, alongside } = this.#options
    const comparing = (async () => {
      await alongside?.()
      await this.#takeIn()
    })()
    const waiting = new AbortController()
    try {
      const late = delay(timeout, undefined, { signal: waiting.signal, ref: false }).then(() => {
        throw new DomainError('catalog-unavailable', `The catalog did not answer within ${timeout} ms.`)
      })
      late.catch(() => undefined)
      await Promise.race([comparing, late])
    } finally {
      comparing.catch(() => undefined)
      waiting.abort()
    }
  }

  async #takeIn(): Promise<void> {
    const { current } = this.#options
    const { answer, judgement } = await this.#followed.look(() => this.#ask())
    if (judgement === 'another') await this.#doubtWhatWasLost(answer)
    for (const { model, revision } of answer.revisions) {
      if ((current.revision(model) ?? 0) < revision) await this.#reload(model)
    }
    if (judgement === 'another') this.#followed.follow(answer)
  }

  async #ask(): Promise<Comparison> {
    // Before it is asked: what is committed meanwhile is not missing there.
    const known = this.#knownRevisions()
    const { database, revisions } = await this.#options.catalog.listRevisions()
    const said = new Map(revisions.map(({ model, revision }) => [model, revision]))
    const lacks = [...known].some(([model, revision]) => revision > (said.get(model) ?? -1))
    return { database, revisions, known, said, lacks }
  }

  /** Another database may give revisions again: there they tell nothing, and all is compared. */
  async #doubtWhatWasLost({ known, said }: Comparison): Promise<void> {
    const { catalog, current } = this.#options
    const states = new Map((await catalog.readCurrent()).map((state) => [state.model, state]))
    for (const [model, before] of known) {
      // What was taken in meanwhile is newer than these answers; doubted, it would give way to any that is late.
      if (current.revision(model) !== before) continue
      const [revision, state] = [said.get(model), states.get(model)]
      if (revision === undefined) current.forget(model)
      else if (state === undefined || !current.agrees(state)) current.doubt(model, revision)
    }
  }

  #knownRevisions(): Map<string, number> {
    const { current } = this.#options
    return new Map(current.names().map((model) => [model, current.revision(model) ?? -1]))
  }
}

/** What the catalog said, and what was known before it was asked. */
interface Comparison extends Revisions {
  readonly known: ReadonlyMap<string, number>
  readonly said: ReadonlyMap<string, number>
  readonly lacks: boolean
}
