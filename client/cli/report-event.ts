import { shownText } from '../../protocol/shown-text.ts'
import type { PullEvent } from '../events.ts'
import { keptArchive } from './exit-code.ts'
import { print, printJson } from './print.ts'

/**
 * Tells people and scripts what happened. Standard output gets the path alone, or with `json` one object a line;
 * all words go to standard error. What did not change since the last line is not said again.
 */
export function eventReporter(json: boolean): (event: PullEvent) => void {
  let lastPath: string | undefined
  let lastWords: string | undefined
  return (event) => {
    if (json) {
      printJson(asLine(event))
      return
    }
    const words = describeEvent(event)
    if (words !== undefined && words !== lastWords) console.error(shownText(words))
    lastWords = words
    const installed = keptArchive(event)
    if (installed === null) return
    if (event.event === 'installed' || installed.path !== lastPath) print(installed.path)
    lastPath = installed.path
  }
}

function asLine(event: PullEvent): object {
  if (event.event !== 'failed') return event
  const { installed, kind, message, refused } = event
  const { path = null, digest = null, release = null, etag = null } = installed ?? {}
  return { event: event.event, path, digest, release, etag, kind, message, refused }
}

function describeEvent(event: PullEvent): string | undefined {
  switch (event.event) {
    case 'installed':
      return `installed ${event.release === null ? event.digest.slice(0, 12) : `release ${event.release}`}`
    case 'unchanged':
      return undefined
    case 'offline':
      return `${event.message}; kept the last good archive, ${event.path}`
    case 'failed':
      return event.installed === null
        ? event.message
        : `${event.message}; kept the last good archive, ${event.installed.path}`
  }
}
