import type { BotDetails } from '../../protocol/bot-details.ts'
import { shownText } from '../../protocol/shown-text.ts'

/** Polls of which so many are missing are no delay any more. */
const MISSED_POLLS = 3
/** Milliseconds; for a process whose interval is not known, and none is told sooner. */
const SILENT_AFTER = 60_000

/**
 * Says which bot a rollout waits for although it runs the release: an older process of it is silent and not yet lost. Nobody
 * can know whether that is gone or a second worker.
 *
 * @param now Milliseconds since 1970, by the server's clock.
 * @returns undefined where no bot is like that
 */
export function describeSilentProcess(
  bots: readonly BotDetails[],
  release: number,
  now: number,
): string | undefined {
  for (const { bot, processes } of bots) {
    const runs = processes.some((each) => each.release === release && each.state === 'running')
    const silent = processes.find((each) => {
      const heard = now - Date.parse(each.lastSeen)
      const after = Math.max(SILENT_AFTER, MISSED_POLLS * 1000 * (each.interval ?? 0))
      const isWaitedFor = each.release !== release && each.state !== 'lost' && each.state !== 'loading'
      return isWaitedFor && heard >= after
    })
    if (!runs || silent === undefined) continue
    const minutes = Math.round((now - Date.parse(silent.lastSeen)) / 60_000)
    return shownText(
      `${bot} runs release ${release}, but an older process of it was last heard ${minutes} min ago: waiting until that one polls or counts as lost (after five minutes of silence or more)`,
    )
  }
  return undefined
}
