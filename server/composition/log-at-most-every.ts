/** Passes on the first of what fails over and over, and then one in so many milliseconds. */
export function logAtMostEvery(
  milliseconds: number,
  log: (error: unknown) => void,
): (error: unknown) => void {
  let last = -Infinity
  return (error) => {
    const now = performance.now()
    if (now - last < milliseconds) return
    last = now
    log(error)
  }
}
