import type { AcceptableRefusal } from './acceptable-refusal.ts'
import type { ExecutableFiles } from './executables/executable-files.ts'

/** The lists of names that an archive has; those of config.yml are in its order, the others sorted. */
export const NAME_LISTS = [
  ...(['intents', 'entities', 'slots', 'responses', 'forms', 'actions'] as const),
  ...(['pipeline', 'policies'] as const),
] as const

/** One of {@link NAME_LISTS}. */
export type NameList = (typeof NAME_LISTS)[number]

/** What is learned from an archive while its bytes stream by; absent where the archive does not say. */
export interface ArchiveFacts {
  /** 3: `metadata.json` and `components/`. 2: `fingerprint.json` with `core/` and `nlu/` (Rasa 1 and 2). */
  format: 2 | 3
  /** The Rasa that trained it, as it calls itself: `3.6.21`. */
  rasaVersion?: string
  /** When it was trained, ISO 8601 in UTC. */
  trainedAt?: string
  modelId?: string
  assistantId?: string
  language?: string
  /** `end-to-end` models learn from whole conversations; Rasa 2 archives say it by the folders they have. */
  trainingType?: 'nlu' | 'core' | 'both' | 'end-to-end'
  /** Sorted names from the domain. Every list here is cut at 1,000 names and at 28 KiB, its definitions included. */
  intents?: string[]
  entities?: string[]
  slots?: string[]
  responses?: string[]
  forms?: string[]
  actions?: string[]
  /** Components and policies as config.yml orders them, by class: those of Rasa by their name alone. */
  pipeline?: string[]
  policies?: string[]
  /**
   * What the archive defines under the names of each list, in its order, each as 8 hex digits of a SHA-256; empty for what
   * is a name alone. Equal where nothing was changed. A list of nothing but names has none; archives that were inspected
   * before this was kept have none at all.
   */
  definitions?: Partial<Record<NameList, string[]>>
  /** The lists that were too long to keep whole, with their true lengths. */
  cut?: Record<string, number>
  /** Bytes after unpacking, tar headers included. */
  unpackedSize: number
  members: number
  /** Files that can run code when a bot loads them, by format; absent where none were found. */
  executables?: ExecutableFiles[]
  /** What does not forbid publishing but may explain a bot that answers nothing. */
  warnings: ArchiveWarning[]
  /** What would have been refused, had the publisher not said to accept it; absent where nothing was. */
  accepted?: AcceptedRefusal[]
}

/** A refusal that the publisher overrode. */
export interface AcceptedRefusal {
  code: AcceptableRefusal
  /** What was found, as the refusal would have said it. */
  message: string
}

/** Something odd about an archive that was accepted all the same. */
export interface ArchiveWarning {
  code: ArchiveWarningCode
  /** The whole of it in one sentence. */
  message: string
}

/** The stable codes of warnings: what inspection finds, then what the components say of loading. */
export type ArchiveWarningCode =
  | 'component-missing'
  | 'nlu-only'
  | 'core-only'
  | 'rasa-2-archive'
  | 'slow-download'
  | 'slow-load'
  | 'needs-more'
  | 'custom-component'
  | 'can-run-code'
