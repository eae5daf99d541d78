/** A moment in UTC to the second: `2026-11-23 08:46:06Z`. @param instant In ISO 8601, in UTC. */
export function readableTime(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')}Z`
}
