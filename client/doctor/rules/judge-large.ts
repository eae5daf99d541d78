import type { TransferState } from '../../../protocol/echo.ts'
import type { Verdict } from '../finding.ts'

/** What became of a large archive that was read slowly, and then no more. */
export interface LargeObservation {
  /** The status of the answer. */
  status: number
  /** The code of a problem of Slipway; undefined where the answer is none. */
  problem: string | undefined
  /** Milliseconds for which it was read. */
  milliseconds: number
  /** Whether the connection ended before the reader went. */
  broken: boolean
  /** What the server said of the transfer while most of the archive was still to come; null: it knows nothing of it. */
  whileReading: TransferState | null
  /** What it said after the reader had gone. */
  afterwards: TransferState | null
}

/** What a slow, large transfer shows of time limits and buffers. */
export function judgeLarge(seen: LargeObservation): Verdict[] {
  const seconds = Math.round(seen.milliseconds / 1000)
  if (seen.status !== 200) {
    const detail = `A large archive was asked for, and the answer is ${seen.status}.`
    return [{ code: seen.problem === undefined ? 'answer-limit' : 'diagnosis-limited', detail }]
  }
  const verdicts: Verdict[] = []
  if (seen.whileReading === 'sent') {
    verdicts.push({
      code: 'buffered',
      detail:
        'The server had handed over the whole of a large archive while most of it was still on its way.',
    })
  }
  if (seen.broken) {
    return [...verdicts, { code: 'time-limit', detail: `A slow download was ended after ${seconds} s.` }]
  }
  if (verdicts.length > 0) return verdicts
  if (seen.afterwards === 'sending')
    return [{ code: 'cut-unnoticed', detail: 'The server went on sending to a bot that had gone.' }]
  return [{ ok: `a slow download goes on for ${seconds} s, and is seen to break off where the bot goes` }]
}
