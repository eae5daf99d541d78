import type { Proxy } from '../proxies.ts'

/** What a finding means wherever it is found; docs/doctor.md is made of this. */
export interface FindingKind {
  /** An error keeps a bot from loading models, or from learning of new ones; with a warning it works. */
  level: 'warning' | 'error'
  /** Set where it is about CI, not about bots. */
  concerns?: 'publishing'
  /** What is wrong, in one sentence. */
  meaning: string
  /** What to do about it. */
  remedy: string
  /** The setting that mends it, by proxy. */
  settings?: Partial<Record<Proxy, string>>
}

/** Something that keeps bots from their models. */
export function error(meaning: string, remedy: string, settings?: FindingKind['settings']): FindingKind {
  return { level: 'error', meaning, remedy, ...(settings === undefined ? {} : { settings }) }
}

/** Something that bots work with all the same. */
export function warning(meaning: string, remedy: string, settings?: FindingKind['settings']): FindingKind {
  return { ...error(meaning, remedy, settings), level: 'warning' }
}
