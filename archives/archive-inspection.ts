import type { AcceptedRefusals } from './acceptable-refusal.ts'
import type { ArchiveFacts } from './archive-facts.ts'
import { DEFAULT_ARCHIVE_LIMITS } from './archive-limits.ts'
import type { ArchiveLimits } from './archive-limits.ts'
import { ArchiveRefused } from './archive-refused.ts'
import { GzipReader } from './gzip/gzip-reader.ts'
import { MemberCollector } from './member-collector.ts'
import { parseMetadata } from './metadata/parse-metadata.ts'
import { rasa2Facts } from './metadata/rasa-2-facts.ts'
import { rasa3Facts } from './metadata/rasa-3-facts.ts'
import { shownName } from './shown-name.ts'
import { TarReader } from './tar/tar-reader.ts'

/**
 * Looks at an archive while its bytes stream by: one pass, in flat memory, nothing written anywhere. Both
 * methods reject with {@link ArchiveRefused} as soon as something is seen that must not be there, and with
 * the same again ever after.
 */
export class ArchiveInspection {
  readonly #limits: ArchiveLimits
  readonly #accept: AcceptedRefusals
  readonly #collector: MemberCollector
  readonly #tar: TarReader
  readonly #gzip: GzipReader
  #failure: Error | undefined
  #busy = false

  /** @param options.accept refusals that the publisher overrides; they are reported in the facts instead */
  constructor(
    limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS,
    { accept = new Set() }: { accept?: AcceptedRefusals } = {},
  ) {
    this.#limits = limits
    this.#accept = accept
    this.#collector = new MemberCollector(limits.metadataBytes)
    this.#tar = new TarReader(limits, (member) => this.#collector.want(member))
    this.#gzip = new GzipReader(limits, (plain) => {
      this.#tar.push(plain)
    })
  }

  /** Takes the next bytes; the chunk is the caller's again, and the next one welcome, once this resolves. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#busy) throw new Error('write() was called before the one before had resolved')
    this.#busy = true
    try {
      await this.#gzip.write(chunk)
    } catch (error) {
      throw this.#fail(error as Error)
    } finally {
      this.#busy = false
    }
  }

  /** To be called after the last byte; resolves to what was learned. */
  async end(): Promise<ArchiveFacts> {
    if (this.#failure) throw this.#failure
    try {
      this.#gzip.end()
      this.#tar.end()
      const facts = this.#facts()
      this.#fail(new Error('the inspection has ended'))
      return facts
    } catch (error) {
      throw this.#fail(error as Error)
    }
  }

  /** Gives everything up and back; a pending write is rejected. Harmless after the end. */
  abort(): void {
    this.#fail(new Error('the inspection was aborted'))
  }

  #fail(error: Error): Error {
    this.#failure ??= error
    this.#gzip.close(this.#failure)
    return error
  }

  #facts(): ArchiveFacts {
    const metadata = this.#parsed('metadata.json')
    const fingerprint = this.#parsed('fingerprint.json')
    if (metadata && fingerprint) throw notAModel('has metadata.json of Rasa 3 and fingerprint.json of Rasa 2')
    const measured = { unpackedSize: this.#gzip.unpackedSize, members: this.#tar.members }
    if (metadata) return { ...rasa3Facts(metadata, this.#tar.tree, this.#accept), ...measured }
    if (fingerprint) {
      const nluMetadata = this.#parsedIfPossible('nlu/metadata.json')
      const domain = this.#parsedIfPossible('core/domain.json')
      const files = { fingerprint, ...(nluMetadata && { nluMetadata }), ...(domain && { domain }) }
      return { ...rasa2Facts(files, this.#tar.tree), ...measured }
    }
    const { wrapped } = this.#collector
    throw notAModel(
      wrapped === undefined
        ? 'has neither metadata.json (Rasa 3) nor fingerprint.json (Rasa 1 and 2) at its top'
        : `has everything in a folder "${shownName(wrapped)}", where Rasa does not look: pack the contents of that folder, not the folder`,
    )
  }

  #parsed(member: string): Record<string, unknown> | undefined {
    const content = this.#collector.content(member)
    return content && parseMetadata(content, member, this.#limits.metadataDepth)
  }

  #parsedIfPossible(member: string): Record<string, unknown> | undefined {
    try {
      return this.#parsed(member)
    } catch {
      return undefined
    }
  }
}

function notAModel(what: string): ArchiveRefused {
  return new ArchiveRefused(
    'archive-not-a-model',
    `the archive ${what}; expected is a .tar.gz as rasa train writes it`,
  )
}
