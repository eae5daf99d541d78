/**
 * The modification time for an archive that shall be the newest of its folder, in whole milliseconds: now, or a
 * second after the newest other one where that lies in the future (a clock that was wrong, a copied file).
 */
export function newestTime(now: number, newestOther: number | undefined): number {
  return Math.ceil(Math.max(now, newestOther === undefined ? 0 : newestOther + 1000))
}

/** Whether two modification times are the same, as far as they survive a way through seconds in floating point. */
export function isSameTime(a: number, b: number): boolean {
  return Math.abs(a - b) < 1
}
