import type { AcceptedRefusals } from './acceptable-refusal.ts'
import type { ArchiveFacts } from './archive-facts.ts'
import { DEFAULT_ARCHIVE_LIMITS } from './archive-limits.ts'
import type { ArchiveLimits } from './archive-limits.ts'
import { checkContent } from './contents/check-content.ts'
import { describeExecutables, ExecutableFinder } from './executables/executable-files.ts'
import { describeArchive } from './describe-archive.ts'
import { GzipReader } from './gzip/gzip-reader.ts'
import { MemberCollector } from './member-collector.ts'
import { TarReader } from './tar/tar-reader.ts'

/**
 * Looks at an archive while its bytes stream by: one pass, in flat memory, nothing written anywhere. Both
 * methods reject with `ArchiveRefused` as soon as something is seen that must not be there, and with
 * the same again ever after.
 */
export class ArchiveInspection {
  readonly #limits: ArchiveLimits
  readonly #accept: AcceptedRefusals
  readonly #collector: MemberCollector
  readonly #executables = new ExecutableFinder()
  readonly #tar: TarReader
  readonly #gzip: GzipReader
  readonly #aborted = new AbortController()
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
    this.#tar = new TarReader(
      limits,
      (member) =>
        this.#collector.want(member) ??
        both(checkContent(member, this.#tar.tree), this.#executables.look(member)),
    )
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
      const facts = await this.#facts()
      this.#fail(new Error('the inspection has ended'))
      return facts
    } catch (error) {
      throw this.#fail(error as Error)
    }
  }

  /** Gives everything up and back; a pending write is rejected. Harmless after the end. */
  abort(): void {
    const reason = new Error('the inspection was aborted')
    this.#fail(reason)
    this.#aborted.abort(reason)
  }

  #fail(error: Error): Error {
    this.#failure ??= error
    this.#gzip.close(this.#failure)
    return error
  }

  async #facts(): Promise<ArchiveFacts> {
    const { tree, members } = this.#tar
    const described = await describeArchive({
      collector: this.#collector,
      tree,
      limits: this.#limits,
      accept: this.#accept,
      signal: this.#aborted.signal,
    })
    const { found } = this.#executables
    const facts = { ...described, unpackedSize: this.#gzip.unpackedSize, members }
    if (found === undefined) return facts
    const warning = { code: 'can-run-code' as const, message: describeExecutables(found) }
    return { ...facts, executables: found, warnings: [...facts.warnings, warning] }
  }
}

type Sink = (content: Buffer) => void

/** Hands content on to both, where there are two. */
function both(one: Sink | undefined, other: Sink | undefined): Sink | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return (content) => {
    one(content)
    other(content)
  }
}
