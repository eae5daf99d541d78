import { PullFailure, errorCode, isSystemError } from './failure.ts'
import type { Arrived } from './install/check-download.ts'
import { Download, dropDownloads } from './install/download.ts'
import { isAffordable } from './install/free-space.ts'
import { DEFAULT_MAX_BYTES } from './puller-options.ts'
import type { PullerOptions } from './puller-options.ts'
import { checkReceived, receiveArchive } from './receive-archive.ts'
import type { ArchiveHead, Offer, PartialCopy } from './sources/source.ts'

/** What is on its way into a folder: kept over broken connections, and over the end of the process. */
export class Transfer {
  readonly #folder: string
  readonly #options: PullerOptions
  #download: Download | undefined
  #received = 0
  /** The entity tag of what {@link received} counts. */
  #tag: string | undefined

  private constructor(folder: string, options: PullerOptions, download: Download | undefined) {
    this.#folder = folder
    this.#options = options
    this.#download = download
    this.#received = download?.bytes ?? 0
    this.#tag = download?.head.etag
  }

  /** @param folder Where partial downloads lie. */
  static async resume(folder: string, options: PullerOptions, signal: AbortSignal): Promise<Transfer> {
    const download = await Download.resume(folder, options.inspect ?? true, signal)
    return new Transfer(folder, options, download)
  }

  /** How far the archive on its way ever came: it grows only with bytes that had not arrived before. */
  get received(): number {
    return this.#received
  }

  /** What the source may continue. */
  partial(): PartialCopy | undefined {
    const download = this.#download
    if (download === undefined || download.bytes === 0 || download.source !== this.#options.source.key)
      return undefined
    return download.head.etag === undefined ? undefined : { etag: download.head.etag, bytes: download.bytes }
  }

  /** Takes in what is offered, from where the partial copy ends or from zero, and checks it. @throws PullFailure */
  async receive(offer: Offer, signal: AbortSignal): Promise<Arrived> {
    try {
      return await this.#receive(offer, signal)
    } catch (error) {
      // Whatever failed, even before its first byte was read: it holds a connection or a descriptor.
      await offer.cancel()
      throw error
    }
  }

  async #receive(offer: Offer, signal: AbortSignal): Promise<Arrived> {
    const { source, maxBytes = DEFAULT_MAX_BYTES, inspect = true, onProgress, onNotice } = this.#options
    if (offer.start === 0) {
      await this.#download?.leave()
      this.#download = undefined
      this.#download = await Download.begin(this.#folder, source.key, offer, inspect)
    } else onNotice?.({ code: 'resumed', message: `going on at byte ${offer.start}` })
    if (offer.etag !== this.#tag) this.#received = 0
    this.#tag = offer.etag
    const download = this.#underWay()
    try {
      return await receiveArchive({
        download,
        offer,
        maxBytes,
        signal,
        onProgress: (progress) => {
          this.#received = Math.max(this.#received, progress.bytes)
          onProgress?.(progress)
        },
      })
    } catch (error) {
      // The old archive needs the room more than a beginning of the new one does.
      if (isFull(error) && !(await isAffordable(download.file, download.bytes))) await this.drop()
      else if (isSystemError(error)) await this.#readAnew(inspect, signal).catch(() => undefined)
      throw error
    }
  }

  /** After a write that failed: what was received is not what lies there, and that failure would be thrown again and again. */
  async #readAnew(inspect: boolean, signal: AbortSignal): Promise<void> {
    const download = this.#download
    this.#download = undefined
    await download?.leave()
    this.#download = await Download.resume(this.#folder, inspect, signal)
  }

  /** Checks a partial copy that the source calls complete. @throws PullFailure, after which it begins from zero. */
  async check(): Promise<{ arrived: Arrived; head: ArchiveHead }> {
    const download = this.#underWay()
    try {
      return { arrived: await checkReceived(download, download.head), head: download.head }
    } catch (error) {
      await this.drop()
      throw error
    }
  }

  /** Makes what was received durable; its file is the caller's to rename. */
  async complete(): Promise<void> {
    await this.#download?.complete()
    this.#download = undefined
    this.#received = 0
  }

  /** Removes what lies where downloads lie. */
  async drop(): Promise<void> {
    await this.#download?.leave()
    this.#download = undefined
    await dropDownloads(this.#folder)
  }

  /** Closes the file, and leaves it for another time. */
  async leave(): Promise<void> {
    await this.#download?.leave()
    this.#download = undefined
  }

  #underWay(): Download {
    if (this.#download === undefined) throw new Error('a source continued what was never begun')
    return this.#download
  }
}

function isFull(error: unknown): boolean {
  return (
    (error instanceof PullFailure && error.kind === 'disk') ||
    ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')
  )
}
