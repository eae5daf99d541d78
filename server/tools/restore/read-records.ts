import type { ObjectStore } from '../../../storage/object-store.ts'
import { readObject } from '../../../storage/read-object.ts'
import {
  meaningOfRecordKey,
  parseReleaseRecord,
  parseTagsRecord,
  RECORDS_PREFIX,
  releaseRecordKey,
  tagsRecordKey,
  type ReleaseRecord,
  type TagsRecord,
} from '../../exporting/records/catalog-record.ts'

/** What the records in a bucket say of one model. */
export interface RecordedModel {
  tags: TagsRecord
  /** Numbers of all releases that have a record. */
  numbers: ReadonlySet<number>
  /** The releases that were asked for, by number, ascending. */
  releases: ReleaseRecord[]
}

/**
 * Reads what the records in a bucket say, model by model.
 *
 * @param from the first number that is of interest of each model; records of earlier releases are counted, not read.
 * @returns models whose tags have a record; others were never whole.
 */
export async function* readRecords(
  store: ObjectStore,
  from: (model: string) => number,
): AsyncGenerator<RecordedModel> {
  const numbersOf = new Map<string, Set<number>>()
  for await (const { key } of store.list(RECORDS_PREFIX)) {
    const meaning = meaningOfRecordKey(key)
    if (meaning === undefined) continue
    const numbers = numbersOf.get(meaning.model) ?? new Set()
    numbersOf.set(meaning.model, numbers)
    if (meaning.kind === 'release') numbers.add(meaning.number)
  }
  for (const [model, numbers] of [...numbersOf].toSorted()) {
    const tags = await readTags(store, model)
    if (tags === undefined) continue
    const wanted = [...numbers].filter((number) => number >= from(model)).toSorted((a, b) => a - b)
    const releases: ReleaseRecord[] = []
    for (const number of wanted) {
      const release = parseReleaseRecord(
        (await readObject(store, releaseRecordKey(model, number))).bytes.toString(),
      )
      if (release?.model === model && release.number === number) releases.push(release)
    }
    yield { tags, numbers, releases }
  }
}

async function readTags(store: ObjectStore, model: string): Promise<TagsRecord | undefined> {
  if ((await store.stat(tagsRecordKey(model))) === undefined) return undefined
  const tags = parseTagsRecord((await readObject(store, tagsRecordKey(model))).bytes.toString())
  return tags?.model === model ? tags : undefined
}
