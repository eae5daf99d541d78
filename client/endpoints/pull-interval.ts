import type { Located } from './located.ts'

/** 23 days; a timer of Node holds 24.8, and polls are spread by a tenth. */
export const LONGEST_SECONDS = 1_900_000

/** What `wait_time_between_pulls` means to Rasa. */
export interface PullInterval {
  /** Seconds; null: once, at start. */
  seconds: number | null
  /** What is odd about it. */
  warning?: string
}

/**
 * Reads `wait_time_between_pulls` as Rasa does: what Python calls false means once, anything else goes through
 * `int()`, and the scheduler makes one second of zero (Rasa 3.6 core/agent.py; APScheduler's IntervalTrigger).
 *
 * @returns undefined where Rasa would fail on it.
 */
export function readPullInterval({ value }: Located): PullInterval | undefined {
  if (value === null || value === '' || value === 0) return { seconds: null }
  if (value === false) return { seconds: null, warning: 'false is taken for null: the model is pulled once' }
  if (value === true) return { seconds: 1, warning: 'true is taken for 1 second' }
  const number = typeof value === 'number' ? Math.trunc(value) : pythonInteger(value)
  if (number === undefined || number < 0 || number > LONGEST_SECONDS) return undefined
  if (number === 0) return { seconds: 1, warning: 'this is taken for 1 second; to pull once, write null' }
  const cut = typeof value === 'number' && value !== number
  return cut ? { seconds: number, warning: `fractions are cut: ${number} seconds` } : { seconds: number }
}

/** What Python's `int()` takes; `10.0` only as a number of YAML, never as text. */
function pythonInteger(value: Located['value']): number | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return /^[+-]?\d+(_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : undefined
}
