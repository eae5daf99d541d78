import {
  copyFile,
  constants,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  unlink,
  utimes,
} from 'node:fs/promises'
import path from 'node:path'
import { newProcessName } from '../../protocol/process-name.ts'
import { errorCode } from '../failure.ts'
import { isArchiveName, newest } from '../sources/newest-archive.ts'
import type { ArchiveHead } from '../sources/source.ts'
import type { Arrived } from './check-download.ts'
import { replaceFile, syncFolder } from './durable.ts'
import type { FolderPaths } from './folder-paths.ts'
import { freeName } from './free-name.ts'
import { hashFile } from './hash-file.ts'
import { isSameTime, newestTime } from './newest-time.ts'
import { stateSchema } from './state.ts'
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

  /** Reads what is remembered; where that is lost or damaged, it is rebuilt from what lies in the folder. */
  static async open(
    paths: FolderPaths,
    onStep: (step: Step) => void = () => undefined,
  ): Promise<InstallFolder> {
    const text = await readFile(paths.state, 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    })
    const known = text === undefined ? undefined : parseState(text)
    if (known !== undefined) return new InstallFolder(paths, known, onStep)
    const folder = new InstallFolder(paths, emptyState(), onStep)
    // Only a folder that we kept before holds archives of ours.
    if (text !== undefined || (await exists(paths.aside))) await folder.#rebuild()
    await folder.save()
    await mkdir(paths.aside, { recursive: true })
    return folder
  }

  async save(): Promise<void> {
    await replaceFile(this.paths.state, JSON.stringify(this.state, undefined, 2))
  }

  /** Where an archive of ours lies, if it is still what we put there; undefined where it is gone or changed. */
  async locate(entry: Entry): Promise<string | undefined> {
    for (const file of [path.join(this.paths.dir, entry.filename), this.#asidePath(entry)]) {
      const facts = await lstat(file).catch(() => undefined)
      if (!facts?.isFile() || facts.size !== entry.size) continue
      if (isSameTime(facts.mtimeMs, entry.mtimeMs) || (await hashFile(file)) === entry.digest) return file
    }
    return undefined
  }

  /** A file here with these bytes, so that they need not come again; only what can be it is hashed. */
  async findByDigest(digest: string, size: number | undefined): Promise<string | undefined> {
    const { installed, pending, older } = this.state
    for (const entry of [installed, pending, ...older]) {
      const file = entry?.digest === digest ? await this.locate(entry) : undefined
      if (file !== undefined) return file
    }
    if (size === undefined) return undefined
    for (const { name, size: found } of await this.#archives()) {
      const file = path.join(this.paths.dir, name)
      if (found === size && (await hashFile(file)) === digest) return file
    }
    return undefined
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

  /** Looks for what took the place of an installed archive that is gone or changed: an older one of ours, or nothing. */
  async forgetInstalled(): Promise<void> {
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
    await rm(this.#asidePath(pending), { force: true })
    await syncFolder(this.paths.dir)
    delete this.state.pending
    await this.save()
  }

  /** Makes what is installed the newest again, where somebody put a newer archive beside it. */
  async keepNewest(): Promise<void> {
    const { installed } = this.state
    if (installed === undefined) return
    const others = await this.#othersNewest(installed.filename)
    if (others === undefined || others < installed.mtimeMs) return
    installed.mtimeMs = newestTime(Date.now(), others)
    await utimes(
      path.join(this.paths.dir, installed.filename),
      installed.mtimeMs / 1000,
      installed.mtimeMs / 1000,
    )
    await this.save()
  }

  #asidePath(entry: Entry): string {
    return path.join(this.paths.aside, `${entry.digest}.tar.gz`)
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
      await link(file, this.#asidePath(entry)).catch((error: unknown) => {
        if (errorCode(error) === 'EEXIST') return
        // Some volumes have no hard links.
        return copyFile(file, this.#asidePath(entry))
      })
      await syncFolder(this.paths.aside)
    }
  }

  async #newestTime(except: string): Promise<number> {
    return newestTime(Date.now(), await this.#othersNewest(except))
  }

  async #othersNewest(except: string): Promise<number | undefined> {
    const others = (await this.#archives()).filter(({ name }) => name !== except)
    return newest(others)?.modifiedAt
  }

  async #archives(): Promise<{ name: string; size: number; modifiedAt: number }[]> {
    const found: { name: string; size: number; modifiedAt: number }[] = []
    for (const name of (await readdir(this.paths.dir)).filter(isArchiveName)) {
      const facts = await stat(path.join(this.paths.dir, name)).catch(() => undefined)
      if (facts?.isFile()) found.push({ name, size: facts.size, modifiedAt: facts.mtimeMs })
    }
    return found
  }

  async #prune(keep: number): Promise<void> {
    const { installed, older } = this.state
    for (const entry of older.slice(keep)) {
      const file = entry.foreign === true ? undefined : await this.locate(entry)
      if (file !== undefined && file !== path.join(this.paths.dir, installed?.filename ?? ''))
        await unlink(file)
      await rm(this.#asidePath(entry), { force: true })
    }
    if (older.length <= keep) return
    this.state.older = older.slice(0, keep)
    await this.save()
  }

  async #rebuild(): Promise<void> {
    const found = newest(await this.#archives())
    if (found === undefined) return
    const digest = await hashFile(path.join(this.paths.dir, found.name))
    const { name: filename, size, modifiedAt: mtimeMs } = found
    this.state.installed = { filename, digest, size, mtimeMs, source: REBUILT, foreign: true }
  }
}

/** More refusals than this are not remembered. */
const MOST_REFUSED = 20

/** The source of what was found in the folder: any. */
export const REBUILT = 'rebuilt'

function parseState(text: string): State | undefined {
  try {
    return stateSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function emptyState(): State {
  return { format: 1, process: newProcessName(), older: [], refused: [] }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
