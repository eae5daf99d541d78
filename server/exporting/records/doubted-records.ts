import type { ObjectStat, ObjectStore } from '../../../storage/object-store.ts'
import { meaningOfRecordKey, RECORDS_PREFIX } from './catalog-record.ts'

/** Records that may say what a database lost to which servers were failed over: by model, the numbers of releases among them. */
export type DoubtedRecords = ReadonlyMap<string, ReadonlySet<number>>

/** Nothing is in doubt. */
export const NO_DOUBT: DoubtedRecords = new Map()

/**
 * A standby lags by much less; and a database that is only started again is another one, too: not every record is to be written anew each time.
 * Milliseconds.
 */
const LOST_WITHIN = 24 * 60 * 60_000

/** Finds the records that were written within the day before the last of them, by the store's clock. @throws what the store throws. */
export async function findDoubtedRecords(store: ObjectStore, signal: AbortSignal): Promise<DoubtedRecords> {
  const records: ObjectStat[] = []
  for await (const record of store.list(RECORDS_PREFIX, signal)) records.push(record)
  const last = records.reduce((latest, { modifiedAt }) => Math.max(latest, modifiedAt), -Infinity)
  const doubted = new Map<string, Set<number>>()
  for (const { key, modifiedAt } of records) {
    const meaning = meaningOfRecordKey(key)
    if (meaning === undefined || modifiedAt < last - LOST_WITHIN) continue
    const numbers = doubted.get(meaning.model) ?? new Set()
    if (meaning.kind === 'release') numbers.add(meaning.number)
    doubted.set(meaning.model, numbers)
  }
  return doubted
}
