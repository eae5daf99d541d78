import {
  BucketFull,
  ObjectChanged,
  ObjectNotFound,
  StoreFull,
  StoreMisconfigured,
  StoreUnavailable,
} from '../../storage/object-store.ts'

/** What a store is asked; `read` is the body of what was opened. */
export type StoreCall = 'open' | 'read' | 'stat' | 'list' | 'swap' | 'commit' | 'delete' | 'sweep'

/**
 * How a store fails: it does not answer, does not let us in, is full (or the local disk where uploads wait is), or
 * broke a promise.
 */
export type StoreFailureKind = 'unavailable' | 'refused' | 'full' | 'disk-full' | 'failed'

export interface StoreFailure {
  kind: StoreFailureKind
  error: unknown
}

/** Hears of every call to a store when it has ended. Must not throw. */
export interface StoreObserver {
  /** @param seconds from asking to the end, retries included; undefined for what takes as long as its reader likes */
  callEnded(call: StoreCall, seconds: number | undefined, failure: StoreFailure | undefined): void
}

/** Whether this is what `AbortSignal.timeout` gives as its reason. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

/** How the store failed; undefined for errors that are no failure: nothing is there, or something else than asked for. */
export function storeFailureOf(error: unknown): StoreFailure | undefined {
  if (error instanceof ObjectNotFound || error instanceof ObjectChanged) return undefined
  if (error instanceof StoreUnavailable || isTimeout(error)) return { kind: 'unavailable', error }
  if (error instanceof StoreMisconfigured) return { kind: 'refused', error }
  if (error instanceof BucketFull) return { kind: 'full', error }
  if (error instanceof StoreFull) return { kind: 'disk-full', error }
  return { kind: 'failed', error }
}
