import type { CurrentModel } from '../catalog/tags.ts'
import type { ServedRelease } from './release.ts'

/**
 * Which release each tag points at, in memory: all that a poll needs to know.
 *
 * Loaded at start and replaced, model by model, after each change was committed. Writers may report their
 * commits out of order; the revision tells which is newer.
 */
export class CurrentReleases {
  readonly #models = new Map<string, IndexedModel>()
  readonly #listeners: (() => void)[] = []

  /** Takes in what the catalog says of a model now; older news than what is known are ignored. */
  replace({ model, defaultTag, revision, tags }: CurrentModel): void {
    const known = this.#models.get(model)
    if (known !== undefined && known.revision >= revision) return
    const releases = new Map(tags.map(({ tag, release }) => [tag, release]))
    this.#models.set(model, { revision, defaultTag, releases, isDoubted: false })
    for (const listener of this.#listeners) listener()
  }

  /** Whether the catalog says of a model what is known of it. */
  agrees({ model, defaultTag, revision, tags }: CurrentModel): boolean {
    const known = this.#models.get(model)
    return (
      known?.revision === revision &&
      known.defaultTag === defaultTag &&
      known.releases.size === tags.length &&
      tags.every(({ tag, release: { number, digest } }) => {
        const found = known.releases.get(tag)
        return found?.number === number && found.digest === digest
      })
    )
  }

  /**
   * Has what the catalog says of a model count as newer: it has lost what is known of it. Polls are answered as before until then.
   *
   * @param revision Where the catalog is: what is older is of a database that is behind.
   */
  doubt(model: string, revision: number): void {
    const known = this.#models.get(model)
    if (known === undefined) return
    known.revision = revision - 1
    known.isDoubted = true
  }

  /** Whether the catalog lost what is known of a model, and was not read since. */
  isDoubted(model: string): boolean {
    return this.#models.get(model)?.isDoubted === true
  }

  /** The catalog knows no such model any more. */
  forget(model: string): void {
    if (!this.#models.delete(model)) return
    for (const listener of this.#listeners) listener()
  }

  /** Has `listener` told of every change from now on; it must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** All that is known, as {@link replace} takes it. */
  all(): CurrentModel[] {
    return [...this.#models].map(([model, { defaultTag, revision, releases }]) => ({
      model,
      defaultTag,
      revision,
      tags: [...releases].map(([tag, release]) => ({ tag, release })),
    }))
  }

  /** The release that a tag points at; without a tag, the one of the model's default tag. */
  find(model: string, tag?: string): ServedRelease | undefined {
    const known = this.#models.get(model)
    return known?.releases.get(tag ?? known.defaultTag)
  }

  /** The tag that a pull without one means; undefined where there is no such model. */
  defaultTag(model: string): string | undefined {
    return this.#models.get(model)?.defaultTag
  }

  /** How new what is known of a model is; undefined where there is no such model. */
  revision(model: string): number | undefined {
    return this.#models.get(model)?.revision
  }

  /** The names of the models that there are: one that was deleted stays known, by its revision, and has no tags. */
  models(): string[] {
    return [...this.#models].flatMap(([model, { releases }]) => (releases.size > 0 ? [model] : []))
  }

  /** The names of all models that are known; those that were deleted, or have no tags, are among them. */
  names(): string[] {
    return [...this.#models.keys()]
  }

  /** How many models are known; those that were deleted are among them. */
  get size(): number {
    return this.#models.size
  }
}

interface IndexedModel {
  revision: number
  isDoubted: boolean
  defaultTag: string
  releases: ReadonlyMap<string, ServedRelease>
}
