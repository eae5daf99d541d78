import type { AcceptableRefusal } from './acceptable-refusal.ts'

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
  /** Sorted names from the domain. Every list here is cut at 1,000 names and at 24 KiB. */
  intents?: string[]
  entities?: string[]
  slots?: string[]
  responses?: string[]
  forms?: string[]
  actions?: string[]
  /** Components and policies as config.yml orders them, by class: those of Rasa by their name alone. */
  pipeline?: string[]
  policies?: string[]
  /** The lists that were too long to keep whole, with their true lengths. */
  cut?: Record<string, number>
  /** Bytes after unpacking, tar headers included. */
  unpackedSize: number
  members: number
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
  code: 'component-missing' | 'nlu-only' | 'core-only'
  /** The whole of it in one sentence. */
  message: string
}
