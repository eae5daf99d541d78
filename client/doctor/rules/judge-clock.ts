import type { Verdict } from '../finding.ts'

/** Two clocks, read at about the same time; milliseconds since 1970. */
export interface ClockObservation {
  /** Of the server: its own words, or `Date`. NaN where it said nothing. */
  server: number
  /** Of this machine, in the middle of the request. */
  here: number
}

/** A second of `Date`, a slow line, and what no certificate minds. */
const HARMLESS = 60_000

/** Whether both clocks agree. */
export function judgeClock({ server, here }: ClockObservation): Verdict | undefined {
  if (Number.isNaN(server)) return undefined
  const difference = server - here
  if (Math.abs(difference) <= HARMLESS) return { ok: "the server's clock is right" }
  const seconds = Math.round(Math.abs(difference) / 1000)
  return {
    code: 'clock-differs',
    detail: `The server's clock is ${seconds} s ${difference > 0 ? 'ahead of' : 'behind'} the one here.`,
  }
}
