import { ArchiveRefused } from './archive-refused.ts'
import type { MetadataFiles } from './metadata/metadata-outline.ts'
import type { TarMember } from './tar/tar-reader.ts'

/** Files that tell what the archive is; without them it is refused. */
const MAIN: ReadonlySet<string> = new Set(['metadata.json', 'fingerprint.json'])

/** Files of a Rasa 2 archive that tell a little more, if they can be read. */
const MORE: ReadonlySet<string> = new Set(['nlu/metadata.json', 'core/domain.json'])

/** Keeps the contents of the few files that describe the archive, and nothing of the others. */
export class MemberCollector {
  readonly #limit: number
  readonly #contents = new Map<string, Buffer>()
  #wrapped: string | undefined

  /** @param limit bytes of one file */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The folder in which there is what should be at the top. */
  get wrapped(): string | undefined {
    return this.#wrapped
  }

  /** @throws ArchiveRefused where a file that must be read is too large to be */
  want({ path, segments, kind, size }: TarMember): ((content: Buffer) => void) | undefined {
    if (kind !== 'file') return undefined
    const [folder, name] = segments
    if (segments.length === 2 && name !== undefined && MAIN.has(name) && !MORE.has(path))
      this.#wrapped ??= folder
    const main = MAIN.has(path)
    if (!main && !MORE.has(path)) return undefined
    if (size > this.#limit) {
      if (!main) return undefined
      throw new ArchiveRefused(
        'archive-metadata-too-large',
        `${path} has ${size} bytes; at most ${this.#limit} are taken`,
        { member: path, limit: this.#limit },
      )
    }
    const content = Buffer.alloc(size)
    this.#contents.set(path, content)
    let length = 0
    return (piece) => {
      length += piece.copy(content, length)
    }
  }

  /** What was kept, by path. */
  get contents(): MetadataFiles {
    return Object.fromEntries(this.#contents)
  }
}
