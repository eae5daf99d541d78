import { rmSync } from 'node:fs'

const groups = new Set<number>()
const folders = new Set<string>()
let listening = false

/** Has a process group killed when this process ends, however it ends; returns how to take that back. */
export function killGroupAtExit(group: number): () => void {
  listen()
  groups.add(group)
  return () => groups.delete(group)
}

/** Has a folder removed when this process ends, however it ends; returns how to take that back. */
export function removeFolderAtExit(folder: string): () => void {
  listen()
  folders.add(folder)
  return () => folders.delete(folder)
}

/** Mocha runs no `after` once a signal has come: what was started would go on without us. */
function listen(): void {
  if (listening) return
  listening = true
  process.once('exit', cleanUp)
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => process.exit(128 + number))
  }
}

function cleanUp(): void {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
