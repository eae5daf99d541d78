/**
 * Whether a page follows what happens.
 *
 * - `asleep`: no script runs, or not yet.
 * - `live`: events come as they happen.
 * - `stale`: nothing came since then; it is being tried again.
 * - `refused`: the server does not let this reader follow (any more).
 */
export type Liveness =
  | { readonly kind: 'asleep' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly since: string }
  | { readonly kind: 'refused'; readonly reason: string }
