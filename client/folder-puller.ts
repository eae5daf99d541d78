import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { InstalledArchive, Notice, PullEvent } from './events.ts'
import { PullFailure, errorCode } from './failure.ts'
import { Download, dropDownloads } from './install/download.ts'
import { isAffordable } from './install/free-space.ts'
import type { FolderLock } from './install/folder-lock.ts'
import { hashFile } from './install/hash-file.ts'
import { REBUILT } from './install/install-folder.ts'
import type { InstallFolder } from './install/install-folder.ts'
import type { Arrived } from './install/check-download.ts'
import type { Entry } from './install/state.ts'
import { DEFAULT_KEEP, DEFAULT_MAX_BYTES } from './puller-options.ts'
import type { PullerOptions } from './puller-options.ts'
import { checkReceived, receiveArchive } from './receive-archive.ts'
import type { ArchiveHead, Offer } from './sources/source.ts'

/** One puller at work on one folder: what it remembers between polls. Used while the folder's lock is held. */
export class FolderPuller {
  readonly #folder: InstallFolder
  readonly #lock: FolderLock
  readonly #options: PullerOptions
  #download: Download | undefined
  /** What was in place when the process began may have changed since. */
  #checked = false
  #saidIgnored = false
  #saidRefused = new Set<string>()
  #received = 0
  /** Of what {@link received} counts. */
  #lastTag: string | undefined

  constructor(folder: InstallFolder, lock: FolderLock, options: PullerOptions) {
    this.#folder = folder
    this.#lock = lock
    this.#options = options
  }

  get dir(): string {
    return this.#folder.paths.dir
  }

  /** Bytes that arrived and had not arrived before: it grows while a transfer gets further. */
  get received(): number {
    return this.#received
  }

  /** Asks once, and installs what is offered. @throws PullFailure */
  async attempt(signal: AbortSignal): Promise<PullEvent> {
    if (!this.#checked) await this.#settleThePast(signal)
    await this.#installed()
    const { source } = this.#options
    const partial = this.#partial()
    const answer = await source.ask({ claim: this.#claim(), partial, signal })
    switch (answer.kind) {
      case 'unchanged':
        return this.#unchanged(
          await this.#inPlace('the server answered 304 (unchanged), but nothing is installed here'),
        )
      case 'held':
        return this.#unchanged(
          await this.#inPlace('the server has nothing for us now (204), and nothing is installed here'),
        )
      case 'complete':
        return this.#finish(await this.#checkPartial(signal), this.#download?.head ?? NEVER, signal)
      case 'offer':
        return this.#take(answer.offer, signal)
    }
  }

  /** The event for a failure: `offline` where the source gave nothing and an archive is in place. */
  async failed({ kind, message }: PullFailure): Promise<PullEvent> {
    const { installed } = this.#folder.state
    const there = installed !== undefined && (await this.#folder.locate(installed)) !== undefined
    const known = there ? this.#describe(installed) : null
    return known !== null && kind === 'source'
      ? { event: 'offline', message, ...known }
      : { event: 'failed', kind, message, installed: known }
  }

  async close(): Promise<void> {
    await this.#download?.leave()
    await this.#options.source.close()
  }

  /** Finishes what a process before us began, and looks whether what is remembered is still there. */
  async #settleThePast(signal: AbortSignal): Promise<void> {
    const folder = this.#folder
    if (this.#options.retryRefused === true) folder.state.refused = []
    const { pending } = folder.state
    if (pending !== undefined) await this.#settlePending(pending, signal)
    const { installed } = folder.state
    if (installed?.source === REBUILT) {
      this.#notice(
        'state-rebuilt',
        `what was remembered of ${this.dir} was lost; ${installed.filename} is taken for installed`,
      )
      installed.source = this.#options.source.key
    }
    if (installed !== undefined && (await folder.locate(installed)) === undefined)
      await folder.forgetInstalled()
    this.#download = await Download.resume(folder.paths.partial, signal)
    this.#received = this.#download?.bytes ?? 0
    this.#lastTag = this.#download?.head.etag
    this.#checked = true
  }

  async #settlePending(pending: Entry, signal: AbortSignal): Promise<void> {
    const there = await this.#folder.locate(pending)
    if (there === undefined) return this.#folder.dropPending()
    if (this.#refusal(pending.digest, undefined) !== undefined) return this.#folder.putBack()
    await this.#tryOut(pending, signal)
  }

  /** Rasa's own protocol: its name until it has an archive, then that archive's tag, byte for byte. */
  #claim(): string {
    const { installed, process } = this.#folder.state
    if (installed?.source !== this.#options.source.key) return process
    return installed.etag ?? `"${installed.digest}"`
  }

  #partial(): { etag: string; bytes: number } | undefined {
    const download = this.#download
    if (download === undefined || download.bytes === 0 || download.source !== this.#options.source.key)
      return undefined
    return download.head.etag === undefined ? undefined : { etag: download.head.etag, bytes: download.bytes }
  }

  async #take(offer: Offer, signal: AbortSignal): Promise<PullEvent> {
    const installed = await this.#installed()
    if (installed !== undefined && this.#isSame(offer, installed)) {
      await offer.cancel()
      return this.#sameAgain(installed, offer)
    }
    const refusal = this.#refusal(offer.digest, offer.etag)
    if (refusal !== undefined) await offer.cancel().then(() => this.#stayRefused(refusal))
    try {
      this.#checkDirection(offer)
      const here =
        offer.digest === undefined ? undefined : await this.#folder.findByDigest(offer.digest, offer.size)
      if (here !== undefined && offer.digest !== undefined) {
        await offer.cancel()
        return await this.#takeLocal(here, { ...offer, digest: offer.digest }, signal)
      }
    } catch (error) {
      await offer.cancel()
      throw error
    }
    return this.#finish(await this.#receive(offer, signal), offer, signal)
  }

  async #receive(offer: Offer, signal: AbortSignal): Promise<Arrived> {
    const { source, maxBytes = DEFAULT_MAX_BYTES, onProgress } = this.#options
    if (offer.start === 0) {
      await this.#download?.leave()
      this.#download = undefined
      if (offer.etag !== this.#lastTag) this.#received = 0
      this.#download = await Download.begin(this.#folder.paths.partial, source.key, offer)
    } else this.#notice('resumed', `going on at byte ${offer.start}`)
    this.#lastTag = offer.etag
    const download = this.#download
    if (download === undefined) throw new Error('a rest came for nothing')
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
      if (isFull(error) && !(await isAffordable(download.file, download.bytes))) await this.#dropDownload()
      throw error
    }
  }

  async #checkPartial(signal: AbortSignal): Promise<Arrived> {
    const download = this.#download
    if (download === undefined) throw new Error('a partial copy is complete, but there is none')
    try {
      return await checkReceived(download, download.head, signal)
    } catch (error) {
      await this.#dropDownload()
      throw error
    }
  }

  async #dropDownload(): Promise<void> {
    await this.#download?.leave()
    this.#download = undefined
    await dropDownloads(this.#folder.paths.partial)
  }

  async #takeLocal(
    file: string,
    head: ArchiveHead & { digest: string },
    signal: AbortSignal,
  ): Promise<PullEvent> {
    const copy = await this.#folder.copyIn(file)
    const arrived = { file: copy, bytes: (await stat(copy)).size, digest: await hashFile(copy, signal) }
    if (arrived.digest !== head.digest)
      throw new PullFailure('disk', `${file} changed while it was copied`, { again: true })
    return this.#finish(arrived, head, signal)
  }

  /** Installs what was received and checked. */
  async #finish(arrived: Arrived, head: ArchiveHead, signal: AbortSignal): Promise<PullEvent> {
    await this.#download?.complete()
    this.#download = undefined
    const installed = await this.#installed()
    if (installed?.digest === arrived.digest) {
      // Without a digest in the headers, only the whole body tells that nothing is new.
      await dropDownloads(this.#folder.paths.partial)
      return this.#sameAgain(installed, head)
    }
    const refusal = this.#refusal(arrived.digest, undefined)
    if (refusal !== undefined) {
      await dropDownloads(this.#folder.paths.partial)
      this.#stayRefused(refusal)
    }
    if (!(await this.#lock.isHeld())) {
      throw new PullFailure('disk', `another puller took ${this.dir} over while this one slept`, {
        again: false,
        final: true,
      })
    }
    const entry = await this.#folder.place(arrived, head, this.#options.source.key)
    await dropDownloads(this.#folder.paths.partial)
    await this.#tryOut(entry, signal)
    this.#received = 0
    return { event: 'installed', ...this.#describe(entry) }
  }

  /** Has an archive in place tried; acknowledges it, or takes it out again. */
  async #tryOut(entry: Entry, signal: AbortSignal): Promise<void> {
    const { onChange, keep = DEFAULT_KEEP } = this.#options
    const verdict = (await onChange?.(this.#describe(entry), signal)) ?? { kind: 'accepted' as const }
    if (verdict.kind === 'accepted') {
      await this.#folder.acknowledge(keep)
      return
    }
    const { digest, etag } = entry
    if (verdict.kind === 'refused') await this.#folder.refuse({ digest, etag, reason: verdict.reason })
    await this.#folder.putBack()
    throw new PullFailure(
      verdict.kind === 'refused' ? 'unsound' : 'configuration',
      `${entry.filename} was taken out again: ${verdict.reason}`,
    )
  }

  #stayRefused({ digest, reason }: { digest: string; reason: string }): never {
    const again = this.#saidRefused.has(digest) ? 'still ' : ''
    this.#saidRefused.add(digest)
    throw new PullFailure(
      'unsound',
      `the source ${again}offers ${digest.slice(0, 12)}, which was refused here (${reason}) and is not fetched again. ` +
        'Publish or promote another release, or use --retry-refused',
    )
  }

  #refusal(
    digest: string | undefined,
    etag: string | undefined,
  ): { digest: string; reason: string } | undefined {
    return this.#folder.state.refused.find(
      (each) => each.digest === digest || (digest === undefined && etag !== undefined && each.etag === etag),
    )
  }

  /** A model that goes back is a rollback, or a server that was restored: alike on the wire. */
  #checkDirection({ release }: ArchiveHead): void {
    const { installed } = this.#folder.state
    if (installed?.release === undefined || release === undefined || release >= installed.release) return
    if (installed.source !== this.#options.source.key) return
    const what = `the model goes back, from release ${installed.release} to ${release}`
    if (this.#options.allowRollback === false) {
      throw new PullFailure('source', `${what}, which --no-rollback forbids`)
    }
    this.#notice('model-went-back', what)
  }

  async #sameAgain(installed: Entry, head: ArchiveHead): Promise<PullEvent> {
    const { key } = this.#options.source
    if (installed.source === key && installed.etag !== undefined && !this.#saidIgnored) {
      this.#saidIgnored = true
      this.#notice(
        'condition-ignored',
        'the server sends the archive that is installed already: something on the way drops If-None-Match, or the server ignores it',
      )
    }
    Object.assign(installed, { etag: head.etag, release: head.release ?? installed.release, source: key })
    await this.#folder.save()
    return this.#unchanged(installed)
  }

  async #unchanged(entry: Entry): Promise<PullEvent> {
    await this.#folder.keepNewest()
    return { event: 'unchanged', ...this.#describe(entry) }
  }

  async #inPlace(otherwise: string): Promise<Entry> {
    const installed = await this.#installed()
    if (installed === undefined) throw new PullFailure('source', otherwise)
    return installed
  }

  /** What is installed, if it is still there. */
  async #installed(): Promise<Entry | undefined> {
    const { installed } = this.#folder.state
    if (installed === undefined || (await this.#folder.locate(installed)) !== undefined) return installed
    await this.#folder.forgetInstalled()
    return undefined
  }

  #isSame(offer: ArchiveHead, installed: Entry): boolean {
    if (offer.digest !== undefined) return offer.digest === installed.digest
    return (
      offer.etag !== undefined &&
      offer.etag === installed.etag &&
      installed.source === this.#options.source.key
    )
  }

  #describe({ filename, digest, release, etag }: Entry): InstalledArchive {
    return { path: path.join(this.dir, filename), digest, release: release ?? null, etag: etag ?? null }
  }

  #notice(code: Notice['code'], message: string): void {
    this.#options.onNotice?.({ code, message })
  }
}

const NEVER: ArchiveHead = { filename: 'model.tar.gz' }

function isFull(error: unknown): boolean {
  return (
    (error instanceof PullFailure && error.kind === 'disk') ||
    ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')
  )
}
