/**
 * Whether a page follows what happens.
 *
 * - `asleep`: no script runs, or not yet.
 * - `live`: events come as they happen.
 * - `stale`: nothing came since then; it is being tried again. `reason`: what the server said of it, where it answered.
 * - `refused`: the server does not let this reader follow any more: the sign-in has ended.
 */
export type Liveness =
  | { readonly kind: 'asleep' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly since: string; readonly reason?: string }
  | { readonly kind: 'refused' }

/**
 * What is said of a page: one that follows what happens and cannot read it shows what was.
 *
 * @param stream How the stream of events is.
 * @param readUntil When everything was read last, where reading it anew has failed since; undefined: it has not.
 * @param reason Why that failed, as the server says it; undefined: no answer came.
 */
export function shownLiveness(stream: Liveness, readUntil: string | undefined, reason?: string): Liveness {
  if (readUntil === undefined || !['live', 'stale'].includes(stream.kind)) return stream
  const since = stream.kind === 'stale' ? stream.since : readUntil
  return { kind: 'stale', since, ...(reason === undefined ? {} : { reason }) }
}
