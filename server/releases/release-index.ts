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
 * the same bytes it knows the newest. Deleted ones stay until a restart: what processes run is not deleted by itself.
 */
export class ReleaseIndex {
  readonly #models = new Map<string, Map<Digest, ServedRelease>>()
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

  /** Adds a release, unless a newer one with the same bytes is known. */
  add(model: string, release: ServedRelease): void {
    const known = this.#of(model)
    if (isKnown(known, release)) return
    dropLost(known, [release])
    this.#put(known, release)
  }

  /** Adds what tags point at now. */
  addCurrent(current: Pick<CurrentReleases, 'all'>): void {
    for (const { model, tags } of current.all()) {
      for (const { release } of tags) this.add(model, release)
    }
  }

  find(model: string, digest: Digest): ServedRelease | undefined {
    return this.#models.get(model)?.get(digest)
  }

  /** The number of the release with these bytes. */
  readonly numberOf = (model: string, digest: Digest): number | undefined => this.find(model, digest)?.number

  /** The bytes of the releases with a number, by model; those of which a newer release has the same are left out. */
  readonly digestsOf = (release: number): Map<string, Digest> => {
    const digests = new Map<string, Digest>()
    for (const [model, releases] of this.#models) {
      for (const { number, digest } of releases.values()) {
        if (number === release) digests.set(model, digest)
      }
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
      dropLost(known, page)
      for (const release of page) if (!isKnown(known, release)) this.#put(known, release)
      newest = Math.max(newest, page[0]?.number ?? 0)
      last = page.at(-1)?.number ?? 0
      if (page.length < limit || last <= complete) break
      await nextTurn()
    }
    this.#complete.set(model, newest)
  }

  #put(known: Map<Digest, ServedRelease>, release: ServedRelease): void {
    known.set(release.digest, release)
    this.#digests.add(release.digest)
  }

  #of(model: string): Map<Digest, ServedRelease> {
    let known = this.#models.get(model)
    if (known === undefined) this.#models.set(model, (known = new Map<Digest, ServedRelease>()))
    return known
  }
}

/** Whether a release with the same bytes is known that is as new. */
function isKnown(known: ReadonlyMap<Digest, ServedRelease>, { digest, number }: ServedRelease): boolean {
  return (known.get(digest)?.number ?? 0) >= number
}

/** A database that servers are failed over to gives the numbers of releases again that it lost. */
function dropLost(known: Map<Digest, ServedRelease>, given: readonly ServedRelease[]): void {
  const digests = new Map(given.map(({ number, digest }) => [number, digest]))
  for (const { number, digest } of known.values()) {
    if ((digests.get(number) ?? digest) !== digest) known.delete(digest)
  }
}
