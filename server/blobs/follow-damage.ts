import type { DamagedBlob } from '../coordination/known-damage.ts'
import { repeat } from '../time/repeat.ts'
import type { DamagedBlobs } from './damaged-blobs.ts'

const PACE_MS = 1_000

/**
 * Has the damaged blobs in memory follow those of a catalog that other servers write into, until `signal` aborts. What was found here
 * and could not be written down yet stays.
 *
 * @param list All that the catalog has.
 * @param onFailure Told each time that it did not answer.
 */
export async function followDamage(
  list: () => Promise<DamagedBlob[]>,
  blobs: DamagedBlobs,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
  pace = PACE_MS,
): Promise<void> {
  let before = new Set(blobs.all().map(({ digest }) => digest))
  const look = async (): Promise<undefined> => {
    const listed = await list()
    const now = new Set(listed.map(({ digest }) => digest))
    for (const blob of listed) blobs.add(blob)
    for (const digest of before) if (!now.has(digest)) blobs.remove(digest)
    before = now
  }
  await repeat({ first: pace, every: pace }, signal, look, onFailure)
}
