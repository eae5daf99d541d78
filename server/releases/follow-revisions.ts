import { setTimeout as delay } from 'node:timers/promises'
import type { Catalog } from '../catalog/catalog.ts'
import type { ReleaseNews } from '../coordination/release-news.ts'
import { DomainError } from '../errors/errors.ts'
import { repeat } from '../time/repeat.ts'
import type { CurrentReleases } from './current-releases.ts'

export interface FollowRevisionsOptions {
  catalog: Pick<Catalog, 'listRevisions' | 'readCurrent'>
  current: CurrentReleases
  /** What else the catalog is asked each time; where that fails the comparison does. */
  alongside?: () => Promise<void>
  /**
   * Which database answers now, as far as is known after `alongside`: one that servers are failed over to may lack the last changes, and
   * give their revisions again to others. Undefined: a standby, which is behind, and may take in yet what it lacks.
   */
  database?: () => string | undefined
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
  #comparedAt: number
  #database: string | undefined
  #reload: (model: string) => Promise<void>

  constructor(options: FollowRevisionsOptions) {
    this.#options = options
    this.#monotonic = options.monotonic ?? (() => performance.now())
    this.#comparedAt = this.#monotonic()
    this.#database = options.database?.()
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
      await this.#doubtWhatWasLost()
      await this.#takeInWhatIsNew()
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

  /** Another database may give revisions again: there they tell nothing, and all is compared. */
  async #doubtWhatWasLost(): Promise<void> {
    const { catalog, current } = this.#options
    const database = this.#options.database?.()
    if (database === undefined || database === this.#database) return
    const known = this.#knownRevisions()
    for (const state of await catalog.readCurrent()) {
      // What was taken in meanwhile is newer than this answer; doubted, it would give way to any that is late.
      const isAsBefore = current.revision(state.model) === known.get(state.model)
      if (isAsBefore && !current.agrees(state)) current.doubt(state.model)
    }
    this.#database = database
  }

  async #takeInWhatIsNew(): Promise<void> {
    const { catalog, current } = this.#options
    // Before it is asked: what is committed meanwhile is not missing there.
    const known = this.#knownRevisions()
    const isBehind = this.#options.database !== undefined && this.#options.database() === undefined
    const revisions = await catalog.listRevisions()
    for (const { model, revision } of revisions) {
      if (!isBehind && (known.get(model) ?? -1) > revision) current.doubt(model)
      if ((current.revision(model) ?? 0) < revision) await this.#reload(model)
    }
    if (isBehind) return
    for (const { model } of revisions) known.delete(model)
    for (const model of known.keys()) current.forget(model)
  }

  #knownRevisions(): Map<string, number> {
    const { current } = this.#options
    return new Map(current.names().map((model) => [model, current.revision(model) ?? -1]))
  }
}
