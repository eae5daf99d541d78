import type { Instant } from '../time/clock.ts'
import type { Digest } from '../releases/release.ts'

/** That the archive of a tag was copied into a bucket under a name of its own. */
export interface TagExport {
  readonly model: string
  readonly tag: string
  /** Which bucket and folder. */
  readonly place: string
  /** The name of the object there. */
  readonly name: string
  readonly digest: Digest
  /** The version of the object that was seen to be this archive; null: it is in doubt what the object is. */
  readonly version: string | null
  readonly exportedAt: Instant
}
