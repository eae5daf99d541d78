import type { FindingCode } from './findings.ts'

/** What a rule says of what was observed: that something works, or a finding, with what was seen in this case. */
export type Verdict = { ok: string } | { code: FindingCode; detail: string }

/** A verdict with what a person needs to act. */
export interface Finding {
  level: 'ok' | 'warning' | 'error'
  /** Absent where all is well. */
  code?: FindingCode
  /** What was seen. */
  message: string
  /** What to do, where something is to be done. */
  remedy?: string
  /** The settings that mend it, by the name of the proxy that stands between; all of them where none is known. */
  settings?: Record<string, string>
}
