import type { State } from './install/state.ts'

/**
 * What a poll says in `If-None-Match`, by Rasa's own protocol: the name of the process until it has an archive, then
 * that archive's entity tag, byte for byte.
 *
 * @param source The key of the source: another source's tag says nothing there.
 */
export function claimOf(
  { installed, process }: Pick<State, 'installed' | 'process'>,
  source: string,
): string {
  if (installed?.source !== source) return process
  return installed.etag ?? `"${installed.digest}"`
}
