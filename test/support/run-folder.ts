import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Tests in parallel run in several processes, which inherit this from the first. */
const VARIABLE = 'TEST_RUN_FOLDER'

/** A folder that all tests of this run share, and that goes with it. */
export function runFolder(): string {
  const folder = process.env[VARIABLE]
  if (folder === undefined) throw new Error('test/support/hooks.ts is not required: no run has begun')
  mkdirSync(folder, { recursive: true })
  return folder
}

export function beginRun(): void {
  // Made when something is to be put there.
  process.env[VARIABLE] = path.join(tmpdir(), `slipway-run-${randomUUID()}`)
}

/** Has a process end with the run, and its folder go, whichever process of the run started it. */
export function endWithRun(pid: number, folder: string): void {
  writeFileSync(path.join(runFolder(), `${pid}.process`), folder)
}

export async function endRun(): Promise<void> {
  const shared = process.env[VARIABLE]
  if (shared === undefined || !existsSync(shared)) return
  for (const name of readdirSync(shared).filter((name) => name.endsWith('.process'))) {
    // A server that is told so by SIGQUIT ends at once, with all of its processes.
    for (let signal: NodeJS.Signals | 0 = 'SIGQUIT'; isThere(Number.parseInt(name), signal); signal = 0)
      await delay(20)
    rmSync(readFileSync(path.join(shared, name), 'utf8'), { recursive: true, force: true, maxRetries: 10 })
  }
  rmSync(shared, { recursive: true, force: true })
}

/** Sends a signal, 0 being none. */
function isThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
