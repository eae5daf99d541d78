/**
 * Whether a page follows what happens.
 *
 * - `asleep`: no script runs, or not yet.
 * - `live`: events come as they happen.
 * - `stale`: nothing came since then; it is being tried again.
 * - `refused`: the server does not let this reader follow any more: the sign-in has ended.
 */
export type Liveness =
  | { readonly kind: 'asleep' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly since: string }
  | { readonly kind: 'refused' }

/**
 * What is said of a page: one that follows what happens and cannot read it shows what was.
 *
 * @param stream How the stream of events is.
 * @param readUntil When everything was read last, where reading it anew has failed since; undefined: it has not.
 */
export function shownLiveness(stream: Liveness, readUntil: string | undefined): Liveness {
  return stream.kind === 'live' && readUntil !== undefined ? { kind: 'stale', since: readUntil } : stream
}
