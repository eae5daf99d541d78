import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { Puller, serverSource } from '../../client/index.ts'
import type { Notice, PullEvent, PullerOptions } from '../../client/index.ts'
import { digestOf } from './serve-archive.ts'

/** A puller of a server, as tests want it: it gives up early, and all its notices are kept. */
export function pullerOf(
  url: string,
  to: string,
  options: Partial<PullerOptions> = {},
): { puller: Puller; notices: Notice[]; pull: () => Promise<PullEvent> } {
  const notices: Notice[] = []
  const idleTimeout = options.idleTimeout ?? 1000
  const make = (): Puller =>
    new Puller({
      source: serverSource({ url, idleTimeout }),
      to,
      idleTimeout,
      random: () => 0,
      onNotice: (notice) => notices.push(notice),
      ...options,
    })
  return { puller: make(), notices, pull: () => make().pull() }
}

/** What lies in a folder for Rasa to see: name and digest, by name. */
export async function archivesOf(dir: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of (await readdir(dir).catch(() => [])).filter((each) => each.endsWith('.tar.gz')).sort()) {
    found[name] = digestOf(await readFile(path.join(dir, name)))
  }
  return found
}

/** The path that a pull says. @throws Error with what it says instead, where it failed. */
export function pathOf(event: PullEvent): string {
  if (event.event === 'failed') throw new Error(event.message)
  return event.path
}
