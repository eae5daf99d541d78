import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { ReleaseIndex } from '../releases/release-index.ts'
import { servedRelease } from '../releases/release.ts'
import type { TagChange, TagMover } from '../releases/tag-mover.ts'
import type { Clock } from '../time/clock.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import { deleteTagAndRollout, giveUpRelease, refuseDuringRollout } from './release-tag.ts'
import { RolloutChange, type RolloutConsequences } from './rollout-change.ts'
import type { RolloutOutcomes } from './rollout-outcomes.ts'
import { hasEnded } from './rollout.ts'
import type { SharedState } from './shared-state.ts'
import { adoptBots, startRollout } from './start-rollout.ts'

export interface RolloutRunnerDependencies {
  readonly catalog: Catalog
  readonly current: CurrentReleases
  readonly rollouts: LiveRollouts
  readonly tracker: FleetTracker
  readonly index: ReleaseIndex
  readonly access: PullAccess
  readonly clock: Clock
  /** As `randomBytes` of node:crypto. */
  readonly random: (bytes: number) => Buffer
  readonly outcomes: RolloutOutcomes
  /** Patterns of hosts that probes may ask; empty: policies with probes are refused. */
  readonly probeHosts: readonly string[]
  /** Where other servers make changes, too: what memory has is made what the catalog says before each. */
  readonly shared?: SharedModels | undefined
}

/** What several servers change. */
export interface SharedModels {
  readonly state: SharedState
  /** By model: whatever this server changes waits for each other. */
  readonly locks: KeyedMutex
}

/** Writes one change, and has memory learn of it once it is durable. @param through Another catalog than the usual one. */
export type WriteChange = <Result>(
  work: (change: RolloutChange) => Promise<Result>,
  through?: Catalog,
) => Promise<{ result: Result; consequences: RolloutConsequences }>

/**
 * Makes every change of rollouts, and of tags through them: one at a time for each model, in one transaction with what follows
 * from it, and in memory only when that is durable. Polls see tag and rollout change together.
 */
export class RolloutRunner implements TagMover {
  readonly #dependencies: RolloutRunnerDependencies
  readonly #locks: KeyedMutex
  #onChange: (model: string) => void = () => undefined

  constructor(dependencies: RolloutRunnerDependencies) {
    this.#dependencies = dependencies
    this.#locks = dependencies.shared?.locks ?? new KeyedMutex()
  }

  /** Has `listener` told of each model whose rollouts changed; the last who asks is told. */
  onChange(listener: (model: string) => void): void {
    this.#onChange = listener
  }

  async changeTags<Result>(
    model: string,
    work: (change: TagChange) => Promise<Result>,
    catalog?: Catalog,
  ): Promise<Result> {
    return this.change(model, (change) => work(this.#tagChange(change)), catalog)
  }

  /** Makes one change of a model's rollouts. @throws whatever `work` or the catalog throws; nothing has changed then. */
  async change<Result>(
    model: string,
    work: (change: RolloutChange) => Promise<Result>,
    catalog?: Catalog,
  ): Promise<Result> {
    return this.exclusively(model, async (write) => (await write(work)).result, catalog)
  }

  /** Has nobody else change the model's rollouts while it looks at them and, maybe, changes them. */
  async exclusively<Result>(
    model: string,
    work: (write: WriteChange) => Promise<Result>,
    catalog = this.#dependencies.catalog,
  ): Promise<Result> {
    return this.#locks.run(model, () =>
      work((change, through = catalog) => this.#write(model, change, through)),
    )
  }

  /** Reads anew what is known of a model's tags, rollouts and policies, between two changes of it. */
  readonly reload = async (model: string): Promise<void> => {
    const { catalog, current, index, rollouts, shared } = this.#dependencies
    await this.#locks.run(model, async () => {
      if (shared !== undefined) {
        await shared.state.refresh(catalog, model)
        return
      }
      const underWay = await catalog.listRolloutsUnderWay(model)
      const policies = await catalog.listTagPolicies(model)
      for (const { to } of underWay) {
        const release = await catalog.findReleaseSummary(model, to.release)
        if (release !== undefined) index.add(model, servedRelease(release))
      }
      await index.catchUp(catalog, model)
      const snapshot = await catalog.readCurrent(model)
      rollouts.replaceModel(model, underWay, new Map(policies.map(({ tag, policy }) => [tag, policy])))
      for (const state of snapshot) current.replace(state)
    })
    this.#onChange(model)
  }

  async #write<Result>(
    model: string,
    work: (change: RolloutChange) => Promise<Result>,
    catalog: Catalog,
  ): Promise<{ result: Result; consequences: RolloutConsequences }> {
    const { access, clock, current, random, rollouts, shared, tracker } = this.#dependencies
    const written = await catalog.write(model, async (writer) => {
      await shared?.state.refreshInside(writer, model)
      const change = new RolloutChange(
        { access, random, rollouts, memory: tracker.memory },
        model,
        writer,
        clock.now(),
      )
      const result = await work(change)
      const snapshot = await writer.readCurrent(model)
      const revision = shared === undefined ? 0 : await writer.findFleetRevision(model)
      return { result, consequences: change.consequences(), snapshot, revision }
    })
    // Nothing is awaited here: no poll sees one of these without the others.
    this.#remember(model, written.consequences)
    for (const state of written.snapshot) current.replace(state)
    shared?.state.noteWritten(model, written.revision)
    if (written.consequences.rollouts.length > 0) this.#onChange(model)
    return written
  }

  #remember(model: string, { rollouts: changed, policies, releases, forgotten }: RolloutConsequences): void {
    const { index, outcomes, rollouts, tracker } = this.#dependencies
    for (const release of releases) index.add(model, release)
    for (const { tag, policy } of policies) rollouts.setPolicy(model, tag, policy)
    for (const rollout of changed) {
      rollouts.put(rollout)
      if (hasEnded(rollout)) outcomes.count(rollout)
    }
    for (const digest of forgotten) tracker.forgetFailures(model, digest)
  }

  #tagChange(change: RolloutChange): TagChange {
    const { probeHosts, rollouts } = this.#dependencies
    return {
      catalog: change.catalog,
      move: (move) => startRollout(change, move, probeHosts),
      adoptBots: (tag, by) => adoptBots(change, tag, by),
      delete: (tag, by) => deleteTagAndRollout(change, tag, by),
      refuseDuringRollout: (tag) => {
        refuseDuringRollout(change, tag)
      },
      giveUpRelease: (number, deleted = []) => {
        const all = rollouts
          .all()
          .filter(({ model, tag }) => model === change.model && !deleted.includes(tag))
        return giveUpRelease(change, all, number)
      },
    }
  }
}
