import { wholeSeconds } from '../bucket/download-headers.ts'
import type { ObjectStat } from '../object-store.ts'
import { StoreFailed } from '../object-store.ts'

/** An object as the JSON API describes it: numbers are strings there. */
export interface GcsObject {
  name: string
  size: string
  generation: string
  timeCreated?: string
  md5Hash?: string
}

export function toGcsStat({ name, size, generation, timeCreated }: GcsObject): ObjectStat {
  const modifiedAt = wholeSeconds(timeCreated === undefined ? undefined : new Date(timeCreated))
  return { key: name, size: Number(size), version: generation, modifiedAt }
}

/** Throws StoreFailed where what arrived is not what was sent. */
export function checkArrival(made: GcsObject, size: number, md5: string): void {
  if (Number(made.size) === size && (made.md5Hash ?? md5) === md5) return
  throw new StoreFailed(
    `"${made.name}" arrived with ${made.size} of ${size} bytes, MD5 ${made.md5Hash ?? 'unknown'}`,
  )
}
