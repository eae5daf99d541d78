import { copyFile, constants, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { newProcessName } from '../../protocol/process-name.ts'
import type { Signer } from '../../signatures/trusted-signers.ts'
import type { Notice } from '../events.ts'
import type { ArchiveHead } from '../sources/source.ts'
import { newestOther } from './archives-in.ts'
import type { Arrived } from './check-download.ts'
import { syncPath } from '../../storage/filesystem/replace-file.ts'
import { asidePath, findByDigest, locate } from './find-archive.ts'
import type { FolderPaths } from './folder-paths.ts'
import { freeName } from './free-name.ts'
import { loadState, saveState } from './load-state.ts'
import { makeFolder } from './make-folder.ts'
import { isSameTime, newestTime } from './newest-time.ts'
import { moveIntoFolder, setAside, setTime } from './place-archive.ts'
import type { Step } from './place-archive.ts'
import { withRefusal } from './refusals.ts'
import { removeOlder } from './remove-older.ts'
import type { Entry, Refusal, State } from './state.ts'
import { ownEntries, withAcknowledged, withInstalledLost, withPending } from './state-transitions.ts'

export interface FolderListeners {
  /** Told of each step of an installation, before the next. */
  onStep?: ((step: Step) => void) | undefined
  onNotice?: ((notice: Notice) => void) | undefined
}

/**
 * The folder into which archives are installed, and what is remembered of it.
 *
 * An installation is written down as `pending` first, so that whatever moment the process dies in, the next one
 * finds the archive by its digest and goes on from there without fetching it again.
 */
export class InstallFolder {
  readonly paths: FolderPaths
  readonly #listeners: FolderListeners
  state: State

  private constructor(paths: FolderPaths, state: State, listeners: FolderListeners) {
    this.paths = paths
    this.state = state
    this.#listeners = listeners
  }

  static async open(paths: FolderPaths, listeners: FolderListeners = {}): Promise<InstallFolder> {
    return new InstallFolder(paths, await loadState(paths), listeners)
  }

  save(): Promise<void> {
    return saveState(this.paths, this.state)
  }

  /** @see locate */
  locate(entry: Entry): Promise<string | undefined> {
    return locate(this.paths, entry)
  }

  /**
   * What is installed, if it is still in the folder under its name; what was touched is hashed. Where it is gone,
   * an older archive of ours takes its place, or nothing.
   */
  async installedInPlace(): Promise<Entry | undefined> {
    const { installed } = this.state
    if (installed === undefined) return undefined
    const file = path.join(this.paths.dir, installed.filename)
    if ((await locate(this.paths, installed)) === file) {
      const { mtimeMs } = await stat(file)
      if (isSameTime(mtimeMs, installed.mtimeMs)) return installed
      installed.mtimeMs = mtimeMs
      await this.save()
      return installed
    }
    await this.#forgetInstalled()
    return this.state.installed
  }

  /** What is pending, if it is in the folder under its name. */
  async pendingInPlace(): Promise<Entry | undefined> {
    const { pending } = this.state
    if (pending === undefined) return undefined
    const file = path.join(this.paths.dir, pending.filename)
    return (await locate(this.paths, pending)) === file ? pending : undefined
  }

  /** @see findByDigest */
  findByDigest(digest: string, size: number | undefined): Promise<string | undefined> {
    return findByDigest(this.paths, this.state, digest, size)
  }

  /** Copies a file that is in the folder already to where downloads lie, to be installed like a download. */
  async copyIn(file: string): Promise<string> {
    await makeFolder(this.paths.partial)
    const copy = path.join(this.paths.partial, 'copy')
    await copyFile(file, copy, constants.COPYFILE_FICLONE)
    return copy
  }

  /**
   * Puts an archive that was checked into the folder under its name: complete, durable and newest. It is not
   * acknowledged yet. One that was pending until now is kept among the older ones.
   *
   * @param signer Who signed it, where that was checked.
   */
  async place(arrived: Arrived, head: ArchiveHead, source: string, signer?: Signer): Promise<Entry> {
    const filename = await freeName(this.paths.dir, head.filename, arrived.digest, ownEntries(this.state))
    const mtimeMs = await this.#newestTime(filename)
    const { digest, bytes: size } = arrived
    const entry: Entry = {
      filename,
      digest,
      size,
      etag: head.etag,
      release: head.release,
      source,
      mtimeMs,
      ...(signer === undefined ? {} : { signer }),
    }
    this.state = withPending(this.state, entry)
    await this.save()
    this.#onStep('journal')
    await setAside(this.paths, this.state, filename)
    this.#onStep('aside')
    await moveIntoFolder(arrived.file, this.paths, entry, this.#onStep)
    return entry
  }

  /** Remembers the pending archive as the one in use, and deletes what is older than `keep` others. */
  async acknowledge(keep: number): Promise<void> {
    this.#onStep('command')
    this.state = withAcknowledged(this.state)
    await this.save()
    this.#onStep('remember')
    const stay = await removeOlder(this.paths, this.state, keep)
    if (stay.length < this.state.older.length) {
      this.state.older = stay
      await this.save()
    }
    this.#onStep('prune')
  }

  /** Remembers that the pending archive is to be tried again later. */
  async postpone(): Promise<void> {
    const { pending } = this.state
    if (pending === undefined || pending.postponed === true) return
    pending.postponed = true
    await this.save()
  }

  /** Has what is installed tried again, as if it had just come. */
  async makeInstalledPending(): Promise<Entry | undefined> {
    const { installed } = this.state
    if (installed === undefined) return undefined
    this.state.pending = { ...installed }
    await this.save()
    return this.state.pending
  }

  async dropPending(): Promise<void> {
    delete this.state.pending
    await this.save()
  }

  /** Remembers that an archive was refused, so that it is not fetched again for a while. */
  async refuse(refusal: Refusal): Promise<void> {
    this.state.refused = withRefusal(this.state.refused, refusal)
    await this.save()
  }

  /** Takes the pending archive out again and puts the one before back in its place, newest again. */
  async putBack(): Promise<void> {
    const { pending, installed } = this.state
    if (pending === undefined) return
    const back = installed === undefined ? undefined : await this.locate(installed)
    if (installed !== undefined && back !== undefined) {
      const mtimeMs = await this.#newestTime(installed.filename)
      this.state.installed = { ...installed, mtimeMs }
      if (back.startsWith(this.paths.aside))
        await moveIntoFolder(await this.copyIn(back), this.paths, this.state.installed, this.#onStep)
      else await setTime(back, mtimeMs)
    }
    if (installed?.filename !== pending.filename || back === undefined) {
      if ((await this.locate(pending)) !== undefined)
        await rm(path.join(this.paths.dir, pending.filename), { force: true })
    }
    await rm(asidePath(this.paths, pending), { force: true })
    await syncPath(this.paths.dir)
    await this.dropPending()
  }

  /** Makes what is installed the newest again, where somebody put a newer archive beside it. */
  async keepNewest(): Promise<void> {
    const { installed } = this.state
    if (installed === undefined) return
    const others = await newestOther(this.paths.dir, installed.filename)
    if (others === undefined || others < installed.mtimeMs) return
    installed.mtimeMs = newestTime(Date.now(), others)
    await setTime(path.join(this.paths.dir, installed.filename), installed.mtimeMs)
    await this.save()
  }

  async #forgetInstalled(): Promise<void> {
    const { installed: lost, older } = this.state
    const file = lost === undefined ? undefined : path.join(this.paths.dir, lost.filename)
    const nameIsTaken = file !== undefined && (await exists(file))
    this.state = withInstalledLost(this.state, await this.#firstInPlace(older), nameIsTaken)
    if (nameIsTaken) {
      this.#listeners.onNotice?.({
        code: 'archive-damaged',
        message: `${file} was changed since it was installed: it is not taken for that archive any more`,
      })
    }
    // A process that lost its model begins anew, as a bot does that starts again.
    this.state.process = newProcessName()
    await this.save()
  }

  /** The first of these that is in the folder under its own name. */
  async #firstInPlace(entries: readonly Entry[]): Promise<Entry | undefined> {
    for (const entry of entries)
      if ((await this.locate(entry)) === path.join(this.paths.dir, entry.filename)) return entry
    return undefined
  }

  async #newestTime(except: string): Promise<number> {
    return newestTime(Date.now(), await newestOther(this.paths.dir, except))
  }

  readonly #onStep = (step: Step): void => {
    this.#listeners.onStep?.(step)
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
