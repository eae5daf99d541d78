import type { Verdict } from '../finding.ts'
import { digestInTag } from '../../http/received-tag.ts'
import { judgeTags } from './judge-tags.ts'

/** How four polls of a test archive were answered; each on a connection of its own. */
export interface ProcessesObservation {
  /** The hex of two processes. */
  processes: readonly [string, string]
  /** What each got at its first poll. */
  fresh: readonly [Poll, Poll]
  /** The first one, with what it got. */
  inSync: Poll
  /** The first one, as if it ran an older model. */
  outdated: Poll
  /** The first one, after an update; undefined: it could not be played. */
  updated: Poll | undefined
}

/** The answer to one poll. */
export interface Poll {
  status: number
  tag: string | undefined
}

/** Whether what each bot is answered is meant for it, and is of today. */
export function judgeProcesses({
  processes,
  fresh,
  inSync,
  outdated,
  updated,
}: ProcessesObservation): Verdict {
  const failed = fresh.find(({ status }) => status !== 200)
  if (failed !== undefined)
    return { code: 'unexpected-status', detail: `A fresh bot was answered ${failed.status} instead of 200.` }
  const tags = judgeTags({ processes, tags: [fresh[0].tag, fresh[1].tag], isSlipway: true, fromCache: false })
  if ('code' in tags && tags.code === 'cached') return tags
  if (outdated.status === 304)
    return {
      code: 'cached',
      detail: 'A bot that runs an older model was answered 304: it would never be updated.',
    }
  if (outdated.status !== 200)
    return {
      code: 'unexpected-status',
      detail: `A bot that is to be updated was answered ${outdated.status}.`,
    }
  if (
    updated?.status === 304 ||
    (updated?.tag !== undefined && digestInTag(updated.tag) === digestInTag(fresh[0].tag))
  )
    return { code: 'cached', detail: 'After an update, a bot was answered as before it.' }
  if (inSync.status === 304 || inSync.status === 204)
    return { ok: 'a bot that runs an older model gets the new one, and each bot its own answer' }
  return { ok: 'each bot gets an answer of its own' }
}
