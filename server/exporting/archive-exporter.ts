import type { ObjectStore } from '../../storage/object-store.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { HousekeepingTerm } from '../coordination/housekeeping.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { copyBlob } from './copy-blob.ts'
import type { ExportEvent } from './export-event.ts'
import { findArchive } from './find-archive.ts'
import type { KnownExports } from './known-exports.ts'
import type { TagExport } from './tag-export.ts'
import type { WantedExport } from './wanted-exports.ts'

export interface ArchiveExporterDependencies {
  store: ObjectStore
  /** `s3://bucket/folder`: what is there counts only for that. */
  place: string
  blobs: BlobStore
  catalog: Catalog
  clock: Clock
  onEvent: (event: ExportEvent) => void
}

/** The term of the housekeeping in which an archive is copied, and what ends the copying. */
export interface ExportTerm {
  term: HousekeepingTerm
  signal: AbortSignal
}

/**
 * Copies the archive of one tag into the bucket. Before an upload the catalog notes that the object is in doubt, after it the
 * version that was read back and is the archive: so whatever ends in between is found.
 */
export class ArchiveExporter {
  readonly #dependencies: ArchiveExporterDependencies
  readonly #known: KnownExports

  constructor(dependencies: ArchiveExporterDependencies, known: KnownExports) {
    this.#dependencies = dependencies
    this.#known = known
  }

  /**
   * Has the bucket hold the archive, and the catalog say so.
   *
   * @returns `there` where an object that was in doubt proved to be it.
   * @throws what the store, the blobs and the catalog throw; an Error where something else writes the object, too.
   */
  async export(due: WantedExport, term: ExportTerm): Promise<'there' | 'exported'> {
    if (await this.#verifyDoubtful(due, term)) return 'there'
    await this.#upload(due, term)
    return 'exported'
  }

  /** Whether an object that is in doubt is what it was taken for: then it need not be uploaded again. */
  async #verifyDoubtful(due: WantedExport, term: ExportTerm): Promise<boolean> {
    const { store, onEvent } = this.#dependencies
    const { model, tag, name, digest } = due
    const exported = this.#known.findSame(due)
    if (exported === undefined) return false
    const version = await findArchive(store, name, digest, term.signal)
    if (version === undefined) onEvent({ kind: 'changed', model, tag, name, digest })
    else await this.#remember({ ...exported, version }, term)
    return version !== undefined
  }

  async #upload(due: WantedExport, term: ExportTerm): Promise<void> {
    const { blobs, catalog, clock, place, store } = this.#dependencies
    const { model, tag, name, digest } = due
    const { signal } = term
    await term.term.fence(catalog).writeShared((writer) => writer.beginExport(due))
    const before = this.#known.find(due)
    if (before !== undefined) this.#known.putInDoubt(before)
    await copyBlob(blobs, digest, store, name, signal)
    const version = await findArchive(store, name, digest, signal)
    signal.throwIfAborted()
    if (version === undefined) {
      throw new Error(`"${name}" is another archive than was just put there: something else writes it, too`)
    }
    await this.#remember({ model, tag, place, name, digest, version, exportedAt: instantOf(clock) }, term)
  }

  async #remember(exported: TagExport, { term }: ExportTerm): Promise<void> {
    const { catalog } = this.#dependencies
    await term.fence(catalog).writeShared((writer) => writer.rememberExport(exported))
    this.#known.remember(exported)
  }
}
