import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { PullFailure, errorCode } from '../failure.ts'
import { pause } from '../timing/pause.ts'
import { holderSchema, isAlive, thisHolder } from './lock-holder.ts'
import type { Holder } from './lock-holder.ts'

/** How often a holder shows that it lives, in milliseconds. */
const HEARTBEAT = 2_000
/** A heartbeat this old has stopped. Wide: a machine under load, or a network disk, may skip some. */
export const STOPPED = 15_000
const RETRY_EVERY = 200

export interface FolderLock {
  /** Whether it is still ours: after a long sleep, somebody may have taken us for dead. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Takes the lock of a folder, so that only one puller works on it. Node has no flock. A dead holder's lock is
 * taken over: at once where it ran beside us, else when its heartbeat has stopped.
 *
 * @param timeout How long to wait for a living holder, in milliseconds.
 * @throws PullFailure `disk` where another process keeps it.
 */
export async function lockFolder(file: string, timeout: number, signal: AbortSignal): Promise<FolderLock> {
  const us = await thisHolder(randomUUID())
  const deadline = performance.now() + timeout
  for (;;) {
    signal.throwIfAborted()
    const handle = await create(file, us)
    if (handle !== undefined) return heldLock(file, us, handle)
    const found = await look(file)
    if (found === undefined) continue
    if (await isDead(file, found, us)) await takeAway(file, found)
    else if (performance.now() >= deadline) throw lockIsHeld(file, found)
    else await pause(RETRY_EVERY, signal)
  }
}

interface Found {
  text: string
  holder: Holder | undefined
  mtimeMs: number
}

/** Written beside and then linked: whoever reads the lock reads all of it. */
async function create(file: string, us: Holder): Promise<FileHandle | undefined> {
  const draft = `${file}.${us.nonce}`
  try {
    await writeFile(draft, JSON.stringify(us))
    await link(draft, file)
    return await open(draft, 'r+')
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return undefined
    throw error
  } finally {
    // On a full disk it may be there, and empty.
    await rm(draft, { force: true })
  }
}

async function look(file: string): Promise<Found | undefined> {
  try {
    const [text, { mtimeMs }] = [await readFile(file, 'utf8'), await stat(file)]
    return { text, holder: parseHolder(text), mtimeMs }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function isDead(file: string, { holder, mtimeMs }: Found, us: Holder): Promise<boolean> {
  const alive = holder === undefined ? 'unknown' : await isAlive(holder, us)
  if (alive !== 'unknown') return !alive
  // Both times come from the volume's clock, which need not be ours.
  const probe = path.join(path.dirname(file), `clock.${us.nonce}`)
  await writeFile(probe, '')
  const now = (await stat(probe)).mtimeMs
  await unlink(probe)
  return now - mtimeMs > STOPPED
}

/** Renamed first and looked at again: of two that take over at once, one would else remove the other's new lock. */
async function takeAway(file: string, found: Found): Promise<void> {
  const away = `${file}.stale.${randomUUID()}`
  try {
    await rename(file, away)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  if ((await readFile(away, 'utf8')) !== found.text) await link(away, file).catch(() => undefined)
  await unlink(away)
}

function heldLock(file: string, us: Holder, handle: FileHandle): FolderLock {
  const text = JSON.stringify(us)
  const beat = setInterval(() => {
    // The same bytes again: only the time changes. A failed beat is made good by the next.
    handle.write(text, 0).catch(() => undefined)
  }, HEARTBEAT)
  beat.unref()
  const isHeld = async (): Promise<boolean> => (await look(file))?.text === text
  return {
    isHeld,
    async release() {
      clearInterval(beat)
      await handle.close()
      if (await isHeld()) await unlink(file)
    },
  }
}

function lockIsHeld(file: string, { holder }: Found): PullFailure {
  const who = holder === undefined ? 'another puller' : `another puller (process ${holder.pid})`
  return new PullFailure(
    'disk',
    `${who} works on ${path.dirname(path.dirname(file))}. Stop it, or give this one another folder`,
  )
}
