/** A round of the scrubber; a day less than promised, for what storage and restarts cost. */
export const ROUND_MILLISECONDS = 6 * 24 * 60 * 60 * 1000

/** What a blob costs beside its bytes: without it, small ones would all come at once. */
const BLOB_WEIGHT = 1024 * 1024

/** Pauses are cut there, so that new blobs are not kept waiting by an old plan. */
const LONGEST_PAUSE = 6 * 60 * 60 * 1000

/** What is still to be hashed in this round. */
export interface Remainder {
  blobs: number
  bytes: number
}

/**
 * How long to rest after a blob, so that the rest of the round is spread over the rest of its time.
 *
 * @param size Bytes of the blob that was hashed.
 * @param left Milliseconds until the round should end; where it is late there is no rest.
 */
export function pauseAfter(size: number, { blobs, bytes }: Remainder, left: number): number {
  const weight = size + BLOB_WEIGHT
  const share = weight / (weight + bytes + blobs * BLOB_WEIGHT)
  return Math.min(Math.max(0, left * share), LONGEST_PAUSE)
}
