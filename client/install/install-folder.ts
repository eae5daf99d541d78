import { copyFile, constants, link, mkdir, open, rename, rm, stat, unlink, utimes } from 'node:fs/promises'
import path from 'node:path'
import { newProcessName } from '../../protocol/process-name.ts'
import { errorCode } from '../failure.ts'
import type { ArchiveHead } from '../sources/source.ts'
import { newestOther } from './archives-in.ts'
import type { Arrived } from './check-download.ts'
import { syncFolder } from './durable.ts'
import { asidePath, findByDigest, locate } from './find-archive.ts'
import type { FolderPaths } from './folder-paths.ts'
import { freeName } from './free-name.ts'
import { loadState, saveState } from './load-state.ts'
import { isSameTime, newestTime } from './newest-time.ts'
import type { Entry, Refusal, State } from './state.ts'

/** The steps of an installation, in order; between any two the process may die. */
export type Step = 'journal' | 'aside' | 'time' | 'rename' | 'command' | 'remember' | 'prune'

/**
 * The folder into which archives are installed, and what is remembered of it.
 *
 * An installation is written down as `pending` first, so that whatever moment the process dies in, the next one
 * finds the archive by its digest and goes on from there without fetching it again.
 */
export class InstallFolder {
  readonly paths: FolderPaths
  readonly #onStep: (step: Step) => void
  state: State

  private constructor(paths: FolderPaths, state: State, onStep: (step: Step) => void) {
    this.paths = paths
    this.state = state
    this.#onStep = onStep
  }

  static async open(
    paths: FolderPaths,
    onStep: (step: Step) => void = () => undefined,
  ): Promise<InstallFolder> {
    return new InstallFolder(paths, await loadState(paths), onStep)
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

  /** @see findByDigest */
  findByDigest(digest: string, size: number | undefined): Promise<string | undefined> {
    return findByDigest(this.paths, this.state, digest, size)
  }

  /** Copies a file that is here already to where downloads lie, so that it takes the same road. */
  async copyIn(file: string): Promise<string> {
    await mkdir(this.paths.partial, { recursive: true })
    const copy = path.join(this.paths.partial, 'copy')
    await copyFile(file, copy, constants.COPYFILE_FICLONE)
    return copy
  }

  /**
   * Puts an archive that was checked into the folder under its name: complete, durable and newest. It is not
   * acknowledged yet.
   */
  async place(arrived: Arrived, head: ArchiveHead, source: string): Promise<Entry> {
    const filename = await freeName(this.paths.dir, head.filename, arrived.digest, this.#ownNames())
    const mtimeMs = await this.#newestTime(filename)
    const { digest, bytes: size } = arrived
    const entry: Entry = { filename, digest, size, etag: head.etag, release: head.release, source, mtimeMs }
    this.state.pending = entry
    await this.save()
    this.#onStep('journal')
    await this.#setAside(filename)
    this.#onStep('aside')
    await this.#moveIn(arrived.file, entry)
    return entry
  }

  async #moveIn(file: string, entry: Entry): Promise<void> {
    await utimes(file, entry.mtimeMs / 1000, entry.mtimeMs / 1000)
    const handle = await open(file, 'r')
    await handle.sync()
    await handle.close()
    this.#onStep('time')
    await rename(file, path.join(this.paths.dir, entry.filename))
    await syncFolder(this.paths.dir)
    this.#onStep('rename')
  }

  /** Remembers the pending archive as the one in use, and deletes what is older than `keep` others. */
  async acknowledge(keep: number): Promise<Entry> {
    const { pending, installed, older } = this.state
    if (pending === undefined) throw new Error('nothing is pending')
    this.#onStep('command')
    const others = [installed, ...older].filter(
      (entry) => entry !== undefined && entry.digest !== pending.digest,
    )
    this.state = { ...this.state, installed: pending, older: others.filter((entry) => entry !== undefined) }
    delete this.state.pending
    await this.save()
    this.#onStep('remember')
    await this.#prune(keep)
    this.#onStep('prune')
    return pending
  }

  async dropPending(): Promise<void> {
    delete this.state.pending
    await this.save()
  }

  /** Remembers that an archive did not load, so that it is not fetched again. */
  async refuse(refusal: Omit<Refusal, 'at'>): Promise<void> {
    const others = this.state.refused.filter(({ digest }) => digest !== refusal.digest)
    this.state.refused = [{ ...refusal, at: new Date().toISOString() }, ...others].slice(0, MOST_REFUSED)
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
      if (back.startsWith(this.paths.aside)) await this.#moveIn(await this.copyIn(back), this.state.installed)
      else await utimes(back, mtimeMs / 1000, mtimeMs / 1000)
    }
    if (installed?.filename !== pending.filename || back === undefined) {
      if ((await this.locate(pending)) !== undefined)
        await rm(path.join(this.paths.dir, pending.filename), { force: true })
    }
    await rm(asidePath(this.paths, pending), { force: true })
    await syncFolder(this.paths.dir)
    delete this.state.pending
    await this.save()
  }

  /** Makes what is installed the newest again, where somebody put a newer archive beside it. */
  async keepNewest(): Promise<void> {
    const { installed } = this.state
    if (installed === undefined) return
    const others = await newestOther(this.paths.dir, installed.filename)
    if (others === undefined || others < installed.mtimeMs) return
    installed.mtimeMs = newestTime(Date.now(), others)
    await utimes(
      path.join(this.paths.dir, installed.filename),
      installed.mtimeMs / 1000,
      installed.mtimeMs / 1000,
    )
    await this.save()
  }

  async #forgetInstalled(): Promise<void> {
    const { older } = this.state
    delete this.state.installed
    for (const entry of older) {
      if ((await this.locate(entry)) !== path.join(this.paths.dir, entry.filename)) continue
      this.state = { ...this.state, installed: entry, older: older.filter((each) => each !== entry) }
      break
    }
    // A process that lost its model begins anew, as a bot does that starts again.
    this.state.process = newProcessName()
    await this.save()
  }

  /** Names that we may overwrite: what lies there is ours, and unchanged or kept aside. */
  #ownNames(): Entry[] {
    const { installed, pending, older } = this.state
    return [installed, pending, ...older].filter(
      (entry) => entry !== undefined && entry.foreign !== true,
    ) as Entry[]
  }

  /** A second name for an archive whose first is about to be taken. */
  async #setAside(filename: string): Promise<void> {
    const { installed, older } = this.state
    for (const entry of [installed, ...older]) {
      if (entry?.filename !== filename) continue
      const file = await this.locate(entry)
      if (file !== path.join(this.paths.dir, filename)) continue
      await link(file, asidePath(this.paths, entry)).catch((error: unknown) => {
        if (errorCode(error) === 'EEXIST') return
        // Some volumes have no hard links.
        return copyFile(file, asidePath(this.paths, entry))
      })
      await syncFolder(this.paths.aside)
    }
  }

  async #newestTime(except: string): Promise<number> {
    return newestTime(Date.now(), await newestOther(this.paths.dir, except))
  }

  async #prune(keep: number): Promise<void> {
    const { installed, older } = this.state
    for (const entry of older.slice(keep)) {
      const file = entry.foreign === true ? undefined : await this.locate(entry)
      if (file !== undefined && file !== path.join(this.paths.dir, installed?.filename ?? ''))
        await unlink(file)
      await rm(asidePath(this.paths, entry), { force: true })
    }
    if (older.length <= keep) return
    this.state.older = older.slice(0, keep)
    await this.save()
  }
}

/** More refusals than this are not remembered. */
const MOST_REFUSED = 20
