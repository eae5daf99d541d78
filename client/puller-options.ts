import type { Notice, Progress } from './events.ts'
import type { Step } from './install/place-archive.ts'
import type { OnChange } from './install/shell-command.ts'
import type { SignatureCheck } from './signing/signature-check.ts'
import type { Source } from './sources/source.ts'

export interface PullerOptions {
  source: Source
  /** The folder into which archives are installed; made where it is missing. */
  to: string
  /** Milliseconds between polls of {@link Puller.watch}; null asks once. 100 s, as Rasa has it. */
  interval?: number | null
  /** How many older archives stay. */
  keep?: number
  /** Tries each archive before it is acknowledged; see {@link OnChange}. */
  onChange?: OnChange | undefined
  /** Whether a release with a lower number is installed too. */
  allowRollback?: boolean
  /** Fetch and try again what was refused, without waiting for an hour. */
  retryRefused?: boolean
  /** Whether what comes must be a sound .tar.gz; true where it is not given. */
  inspect?: boolean
  /** Whose signature an archive needs; without it, none. */
  signature?: SignatureCheck | undefined
  /** No archive is longer than this. */
  maxBytes?: number
  /** One run gives up so long after the last new byte (milliseconds; 30 s). A silent source is given up as soon. */
  idleTimeout?: number
  onNotice?: (notice: Notice) => void
  onProgress?: (progress: Progress) => void
  /** Told of each step of an installation, before the next. */
  onStep?: (step: Step) => void
  /** From 0 to 1; spreads waits. */
  random?: () => number
  /** Milliseconds since 1970, for what is remembered. */
  now?: () => number
}

/** Milliseconds; what Rasa takes where endpoints.yml does not say (Rasa 3.6 core/agent.py). */
export const DEFAULT_INTERVAL = 100_000
export const DEFAULT_KEEP = 2
/** What a server takes unless it is told otherwise. */
export const DEFAULT_MAX_BYTES = 4 * 1024 ** 3
