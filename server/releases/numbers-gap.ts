/** The least gap, and what every gap is a multiple of: numbers after it are told at a glance. */
const STEP = 1000
const DAY = 24 * 60 * 60 * 1000

/** A model as a backup has it. */
export interface NumberedModel {
  nextNumber: number
  /** Milliseconds since 1970. */
  createdAt: number
  /** The next number by the catalog that is replaced, where that can still be read. */
  nextNumberSince?: number | undefined
}

/**
 * How large a gap a restored catalog leaves in its numbers, so that none is given twice: twice what the replaced catalog
 * gave out since the backup, or, where that is lost, what was given out since then at ten times the usual pace.
 *
 * @param takenAt When the backup was taken, milliseconds since 1970.
 */
export function numbersGap(models: readonly NumberedModel[], takenAt: number, now: number): number {
  const days = Math.max(0, now - takenAt) / DAY
  const given = models.map(({ nextNumber, createdAt, nextNumberSince = 0 }) => {
    const age = Math.max(1, (takenAt - createdAt) / DAY)
    return Math.max(nextNumberSince - nextNumber, (nextNumber / age) * days * 5)
  })
  const least = 2 * Math.max(0, ...given)
  return Math.max(1, Math.ceil(least / STEP)) * STEP
}
