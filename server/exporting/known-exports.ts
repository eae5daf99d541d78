import type { TagExport } from './tag-export.ts'
import { exportKey, type WantedExport } from './wanted-exports.ts'

/** What is known of the objects in the bucket: what the catalog says, and what was seen since. */
export class KnownExports {
  readonly #place: string
  readonly #exports = new Map<string, TagExport>()

  /** @param place The bucket and folder that it is about: what is known of another one says nothing. */
  constructor(place: string) {
    this.#place = place
  }

  find(wanted: WantedExport): TagExport | undefined {
    return this.#exports.get(exportKey(wanted))
  }

  remember(exported: TagExport): void {
    this.#exports.set(exportKey(exported), exported)
  }

  /** Notes that it is not known what the object of an export is. */
  putInDoubt(exported: TagExport): void {
    this.remember({ ...exported, version: null })
  }

  /** The export, where the object was seen to be the archive that is wanted. */
  findDone(wanted: WantedExport): TagExport | undefined {
    const exported = this.findSame(wanted)
    return exported?.version === null ? undefined : exported
  }

  /** The export, where it is of the archive that is wanted, whether or not it is in doubt. */
  findSame(wanted: WantedExport): TagExport | undefined {
    const exported = this.find(wanted)
    const isSame =
      exported?.place === this.#place && exported.name === wanted.name && exported.digest === wanted.digest
    return isSame ? exported : undefined
  }
}
