import type { Digest } from '../releases/release.ts'
import type { Target } from './process-record.ts'

/** What was concluded from a fact. Each stands in the bot's timeline. */
export type FleetEvent = { readonly process: string; readonly at: number } & Conclusion

type Conclusion =
  | { readonly kind: 'first-seen' }
  /** It runs what it was offered. `seconds`: from last byte to the poll that said so. */
  | ({ readonly kind: 'loaded'; readonly seconds: number } & Target)
  /** It runs something that was not offered to it in our sight, or nothing any more. */
  | { readonly kind: 'runs'; readonly digest: Digest | null }
  | ({ readonly kind: 'load-failed' | 'transfer-failed'; readonly reason: string } & Target)
  /** Its bot began anew while it was loading. `process` is the new one. */
  | ({ readonly kind: 'restarted-while-loading'; readonly replaced: string } & Target)
  /** The silent process polled after all: it was no restart. */
  | ({ readonly kind: 'restart-undone'; readonly replacement: string } & Target)
  | { readonly kind: 'lost' }
  | { readonly kind: 'heard-again'; readonly digest: Digest | null }
