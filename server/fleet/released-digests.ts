import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CatalogReader } from '../catalog/catalog.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { Digest } from '../releases/release.ts'

const READ_AT_ONCE = 1_000

/**
 * The digests that releases have or had, in memory: asked for every poll that names one. Each new release is once where `latest`
 * points, so following what tags point at is enough. Those of deleted releases stay until a restart, and do no harm.
 */
export class ReleasedDigests {
  readonly #digests = new Set<Digest>()

  /** Reads the digests of all releases. */
  async load(catalog: Pick<CatalogReader, 'listDigests'>): Promise<void> {
    let last: Digest | undefined
    for (;;) {
      const page = await catalog.listDigests({
        limit: READ_AT_ONCE,
        ...(last === undefined ? {} : { cursor: last }),
      })
      for (const { digest } of page) this.#digests.add(digest)
      last = page.at(-1)?.digest
      if (page.length < READ_AT_ONCE) return
      await nextTurn()
    }
  }

  /** Adds what tags point at now. */
  addCurrent(current: Pick<CurrentReleases, 'all'>): void {
    for (const { tags } of current.all()) for (const { release } of tags) this.#digests.add(release.digest)
  }

  readonly has = (digest: Digest): boolean => this.#digests.has(digest)
}
