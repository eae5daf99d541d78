/** Passes on the first of what is told over and over, and then one in so many milliseconds. */
export function logAtMostEvery<Told = unknown>(
  milliseconds: number,
  log: (told: Told) => void,
): (told: Told) => void {
  let last = -Infinity
  return (told) => {
    const now = performance.now()
    if (now - last < milliseconds) return
    last = now
    log(told)
  }
}
