import { ACCEPTABLE_REFUSALS } from '../../../archives/acceptable-refusal.ts'
import { ArchiveInspection } from '../../../archives/archive-inspection.ts'
import type { ArchiveFacts } from '../../../archives/archive-facts.ts'
import { ArchiveRefused, type ArchiveRefusalCode } from '../../../archives/archive-refused.ts'

/** What inspection makes of an archive that was downloaded. */
export type InspectedArchive =
  { kind: 'sound'; facts: ArchiveFacts } | { kind: 'refused'; code: ArchiveRefusalCode; message: string }

/**
 * Inspects an archive while it is downloaded, and keeps nothing of it. A refusal does not end the download: what else is
 * wrong with it is still to be seen.
 */
export class StreamInspection {
  readonly #inspection = new ArchiveInspection(undefined, { accept: new Set(ACCEPTABLE_REFUSALS) })
  #refusal: ArchiveRefused | undefined

  /** Takes the next bytes. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#refusal !== undefined) return
    try {
      await this.#inspection.write(chunk)
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** To be called after the last byte. */
  async end(): Promise<InspectedArchive> {
    const facts = await this.#facts()
    if (facts !== undefined) return { kind: 'sound', facts }
    const { code, message } = this.#refusal as ArchiveRefused
    return { kind: 'refused', code, message }
  }

  /** Gives everything back; harmless after the end. */
  close(): void {
    this.#inspection.abort()
  }

  async #facts(): Promise<ArchiveFacts | undefined> {
    if (this.#refusal !== undefined) return undefined
    try {
      return await this.#inspection.end()
    } catch (error) {
      this.#refuse(error)
      return undefined
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof ArchiveRefused)) throw error
    this.#refusal = error
  }
}
