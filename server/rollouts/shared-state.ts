import type { Revisions } from '../catalog/answer.ts'
import type { CatalogReader, CatalogWriter } from '../catalog/catalog.ts'
import type { StoredBot, StoredProcess } from '../catalog/fleet.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import { groupBots } from '../fleet/group-bots.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { ReleaseIndex } from '../releases/release-index.ts'
import { servedRelease } from '../releases/release.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import type { Rollout } from './rollout.ts'

/** What memory holds of models. */
export interface SharedStateDependencies {
  readonly current: CurrentReleases
  readonly index: ReleaseIndex
  readonly rollouts: LiveRollouts
  readonly tracker: FleetTracker
}

/** What the catalog says of a model beyond what memory knows. */
interface News {
  readonly revision: number
  readonly processes: readonly StoredProcess[]
  readonly bots: readonly StoredBot[]
  readonly forgotten: readonly string[]
  readonly rollouts: readonly Rollout[]
}

/**
 * Makes memory what the catalog says, where several servers change it: memory is a cache of rows, and knows the number of the last change
 * that it has. Whoever changes a model refreshes it inside the transaction that has the model to itself.
 *
 * Nobody may refresh a model twice at once.
 */
export class SharedState {
  readonly #dependencies: SharedStateDependencies
  readonly #known = new Map<string, number>()
  /**
   * Models of which the catalog may have lost changes that memory has, as servers were failed over to a database that lacks them; and how far the
   * catalog is at least: what is older is of a database that is behind.
   */
  readonly #lost = new Map<string, number>()
  /** Processes that memory has as a transaction would have made them whose end is not known. */
  readonly #doubtful = new Map<string, Set<string>>()

  constructor(dependencies: SharedStateDependencies) {
    this.#dependencies = dependencies
  }

  /** Takes note of how far the catalog is; to be called before everything is read from it. */
  async begin(catalog: Pick<CatalogReader, 'listFleetRevisions'>): Promise<void> {
    const { revisions } = await catalog.listFleetRevisions()
    for (const { model, revision } of revisions) this.#known.set(model, revision)
  }

  /** The number of the last change that memory has; 0: none. */
  knownRevision(model: string): number {
    return this.#known.get(model) ?? 0
  }

  /** As {@link knownRevision} says it of each model now; those without a change are left out. */
  knownRevisions(): ReadonlyMap<string, number> {
    return new Map(this.#known)
  }

  /**
   * Reads what other servers changed of a model; what is older than memory is left: it may be of a standby.
   *
   * @returns whether anything of bots or rollouts had.
   */
  refresh(reader: CatalogReader, model: string): Promise<boolean> {
    return this.#refresh(reader, model, false)
  }

  /** As {@link refresh}, inside a transaction that has the model to itself: no standby has any, and what is not there was lost. */
  refreshInside(writer: CatalogWriter, model: string): Promise<boolean> {
    return this.#refresh(writer, model, true)
  }

  async #refresh(reader: CatalogReader, model: string, isCertain: boolean): Promise<boolean> {
    await this.#refreshTags(reader, model, isCertain)
    const after = this.knownRevision(model)
    const found = await reader.listFleetChanges(model, after)
    if (isCertain && found.revision < after) this.#lost.set(model, found.revision)
    const least = this.#lost.get(model)
    const isLost = least !== undefined
    const all = isLost ? await reader.listFleetChanges(model, 0) : found
    // It is looked for again with the next look.
    if (isLost && !isCertain && all.revision < least) return false
    const isNew = isLost || all.revision > after
    const rollouts = isLost
      ? await reader.listRolloutsUnderWay(model)
      : isNew
        ? await reader.listChangedRollouts(model, after)
        : []
    for (const rollout of rollouts) await this.#indexReleases(reader, rollout)
    const doubtful = this.#doubtful.get(model)
    const reread = doubtful === undefined ? undefined : await this.#readDoubtful(reader, model, doubtful)
    // Nothing is awaited from here: no poll sees a part of it.
    const changes = isLost ? this.#withoutUnsaved(model, all) : all
    if (isLost) {
      this.#dependencies.rollouts.dropModel(model)
      this.#known.delete(model)
      this.#lost.delete(model)
    }
    this.#take(model, { ...changes, rollouts })
    if (reread !== undefined) {
      // Whatever went wrong before somebody had it tried again may stand in these rows still.
      const underWay = this.#dependencies.rollouts.all().filter((each) => each.model === model)
      this.#take(model, { ...changes, rollouts: underWay, ...reread })
    }
    this.#doubtful.delete(model)
    return isNew
  }

  /** Has every model read anew: another database may give numbers of changes again that tell here of lost ones. @param revisions How far that one is. */
  distrust(revisions: Revisions['revisions']): void {
    const said = new Map(revisions.map(({ model, revision }) => [model, revision]))
    for (const model of this.#known.keys()) this.#lost.set(model, said.get(model) ?? 0)
  }

  /** Whether memory may have of a model what the catalog has lost, and was not refreshed since. */
  isLost(model: string): boolean {
    return this.#lost.has(model)
  }

  /** The models of which that is so. */
  lostModels(): readonly string[] {
    return [...this.#lost.keys()]
  }

  /** From now on nobody knows what the catalog has of these processes, until {@link noteWritten} or the next refresh. */
  doubt(model: string, processes: Iterable<string>): void {
    const doubtful = this.#doubtful.get(model) ?? new Set()
    for (const process of processes) doubtful.add(process)
    if (doubtful.size > 0) this.#doubtful.set(model, doubtful)
  }

  /** The models of which memory has processes that the catalog may have otherwise. */
  doubtfulModels(): readonly string[] {
    return [...this.#doubtful.keys()]
  }

  /** A transaction that refreshed the model has ended well, and memory has what it wrote. @param revision Of its last change. */
  noteWritten(model: string, revision: number): void {
    this.#known.set(model, Math.max(revision, this.knownRevision(model)))
    this.#doubtful.delete(model)
  }

  #take(model: string, { revision, processes, bots, forgotten, rollouts }: News): void {
    const { rollouts: live, tracker } = this.#dependencies
    for (const process of forgotten) tracker.drop(model, process)
    for (const bot of groupBots(processes, bots)) tracker.overwrite(bot)
    for (const rollout of rollouts) {
      live.put(rollout)
      // Whoever changed the rollout may have ended before the rows of all processes were changed with it.
      if (rollout.endedAt === null) tracker.forgetFailures(model, rollout.to.digest, rollout.failuresSince)
    }
    this.#known.set(model, Math.max(revision, this.knownRevision(model)))
  }

  /** Where all is read, most of it is older than what was heard while the catalog did not answer, and which it is to have next. */
  #withoutUnsaved<Changes extends Pick<News, 'processes' | 'forgotten'>>(
    model: string,
    changes: Changes,
  ): Changes {
    const isKept = (process: string) => !this.#dependencies.tracker.isUnsaved(model, process)
    return {
      ...changes,
      processes: changes.processes.filter(({ record }) => isKept(record.process)),
      forgotten: changes.forgotten.filter(isKept),
    }
  }

  async #readDoubtful(
    reader: CatalogReader,
    model: string,
    doubtful: ReadonlySet<string>,
  ): Promise<Pick<News, 'processes' | 'bots' | 'forgotten'>> {
    const processes = await reader.findProcesses([...doubtful].map((process) => ({ model, process })))
    const names = new Map(processes.map(({ bot }) => [bot, { model, bot }]))
    const found = new Set(processes.map(({ record }) => record.process))
    return {
      processes,
      bots: await reader.findBots([...names.values()]),
      forgotten: [...doubtful].filter((process) => !found.has(process)),
    }
  }

  async #refreshTags(reader: CatalogReader, model: string, isCertain: boolean): Promise<void> {
    const { current, index, rollouts } = this.#dependencies
    const snapshot = await reader.readCurrent(model)
    for (const { revision } of snapshot) {
      if (isCertain && revision < (current.revision(model) ?? 0)) current.doubt(model, revision)
    }
    if (snapshot.every(({ revision }) => revision <= (current.revision(model) ?? -1))) return
    // Not before: a database that is behind in tags is so in bots and rollouts.
    if (current.isDoubted(model) && !this.#lost.has(model)) this.#lost.set(model, 0)
    await index.catchUp(reader, model)
    const policies = await reader.listTagPolicies(model)
    rollouts.replacePolicies(model, new Map(policies.map(({ tag, policy }) => [tag, policy])))
    for (const state of snapshot) current.replace(state)
  }

  /** No tag need point at what a rollout brings out. */
  async #indexReleases(reader: CatalogReader, { model, from, to }: Rollout): Promise<void> {
    for (const target of from === null ? [to] : [from, to]) {
      const release = await reader.findReleaseSummary(model, target.release)
      if (release !== undefined) this.#dependencies.index.add(model, servedRelease(release))
    }
  }
}
