import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CatalogReader } from '../catalog/catalog.ts'
import { listEveryModel } from '../catalog/list-every-model.ts'
import type { CurrentReleases } from './current-releases.ts'
import type { Digest, ServedRelease } from './release.ts'

const READ_AT_ONCE = 1_000
/** Where all but the last few are known. */
const CAUGHT_UP_AT_ONCE = 20

/**
 * The releases of all models by their bytes, in memory: what a poll that names a digest is looked up in. Of releases with
 * the same bytes it finds the newest, unless it is asked for another one by its number. Deleted ones stay until a restart: what processes
 * run is not deleted by itself.
 */
export class ReleaseIndex {
  readonly #models = new Map<string, KnownReleases>()
  readonly #digests = new Set<Digest>()
  /** Of each model the last release up to which all are known. */
  readonly #complete = new Map<string, number>()

  /** Reads the releases of all models. */
  async load(catalog: CatalogReader): Promise<void> {
    for (const { model } of await listEveryModel(catalog)) await this.#loadModel(catalog, model)
  }

  /** Reads the releases of a model that other servers published: of two in a row a tag shows the second only. */
  async catchUp(catalog: Pick<CatalogReader, 'listServedReleases'>, model: string): Promise<void> {
    await this.#loadModel(catalog, model)
  }

  /** Adds a release, unless it is known. */
  add(model: string, release: ServedRelease): void {
    this.#put(this.#of(model), release)
  }

  /** Adds what tags point at now. */
  addCurrent(current: Pick<CurrentReleases, 'all'>): void {
    for (const { model, tags } of current.all()) {
      for (const { release } of tags) this.add(model, release)
    }
  }

  /** @param number Which one, where it has these bytes; else, and without it, the newest that has them. */
  find(model: string, digest: Digest, number?: number): ServedRelease | undefined {
    const known = this.#models.get(model)
    const numbered = number === undefined ? undefined : known?.byNumber.get(number)
    return numbered?.digest === digest ? numbered : known?.byDigest.get(digest)
  }

  /** The number of the newest release with these bytes. */
  readonly numberOf = (model: string, digest: Digest): number | undefined => this.find(model, digest)?.number

  /** The bytes of the releases with a number, by model. */
  readonly digestsOf = (release: number): Map<string, Digest> => {
    const digests = new Map<string, Digest>()
    for (const [model, { byNumber }] of this.#models) {
      const found = byNumber.get(release)
      if (found !== undefined) digests.set(model, found.digest)
    }
    return digests
  }

  /** Whether a release of any model has these bytes, or had since the start. */
  readonly has = (digest: Digest): boolean => this.#digests.has(digest)

  async #loadModel(catalog: Pick<CatalogReader, 'listServedReleases'>, model: string): Promise<void> {
    const known = this.#of(model)
    const complete = this.#complete.get(model) ?? 0
    const limit = complete === 0 ? READ_AT_ONCE : CAUGHT_UP_AT_ONCE
    let newest = complete
    for (let last: number | undefined; ;) {
      const cursor = last === undefined ? {} : { cursor: last }
      const page = await catalog.listServedReleases(model, { limit, ...cursor })
      for (const release of page) this.#put(known, release)
      newest = Math.max(newest, page[0]?.number ?? 0)
      last = page.at(-1)?.number ?? 0
      if (page.length < limit || last <= complete) break
      await nextTurn()
    }
    this.#complete.set(model, newest)
  }

  #put(known: KnownReleases, release: ServedRelease): void {
    const { number, digest } = release
    const before = known.byNumber.get(number)
    if (before?.digest === digest) return
    if (before !== undefined) dropLost(known, before)
    known.byNumber.set(number, release)
    if ((known.byDigest.get(digest)?.number ?? 0) < number) known.byDigest.set(digest, release)
    this.#digests.add(digest)
  }

  #of(model: string): KnownReleases {
    let known = this.#models.get(model)
    if (known === undefined) this.#models.set(model, (known = { byDigest: new Map(), byNumber: new Map() }))
    return known
  }
}

/** The releases of one model. */
interface KnownReleases {
  /** The newest that has these bytes. */
  readonly byDigest: Map<Digest, ServedRelease>
  readonly byNumber: Map<number, ServedRelease>
}

/** A database that servers are failed over to gives the numbers of releases again that it lost. */
function dropLost({ byDigest, byNumber }: KnownReleases, lost: ServedRelease): void {
  byNumber.delete(lost.number)
  if (byDigest.get(lost.digest) !== lost) return
  byDigest.delete(lost.digest)
  const others = [...byNumber.values()].filter(({ digest }) => digest === lost.digest)
  const newest = others.toSorted((one, other) => other.number - one.number)[0]
  if (newest !== undefined) byDigest.set(newest.digest, newest)
}
