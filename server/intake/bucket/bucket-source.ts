import {
  ObjectChanged,
  ObjectNotFound,
  StoreUnavailable,
  type ObjectStore,
} from '../../../storage/object-store.ts'
import { LONGEST_BUNDLE_BYTES } from '../../../protocol/signature.ts'
import { BUNDLE_SUFFIX } from '../bundle-suffix.ts'
import { readStart } from '../read-start.ts'
import { ItemChanged, SourceUnavailable, type FoundItem, type IntakeSource } from '../intake-source.ts'
import { modelOfKey } from './model-of-key.ts'

/** An object that may be an archive. Its path is its key. */
export type FoundObject = FoundItem & { version: string }

/** A folder of a bucket. */
export interface BucketFolder {
  /** Keys are without the folder. */
  store: ObjectStore
  /** `s3://bucket/folder`: what objects are remembered by. */
  place: string
  /** A folder in it that is left alone. */
  except: string | undefined
}

/** A folder of a bucket as a source. */
export function bucketSource({ store, place, except }: BucketFolder): IntakeSource<FoundObject> {
  return {
    description: place,
    publishedBy: 'import',
    recordPath: (key) => `${place}/${key}`,

    async list(signal) {
      const items: FoundObject[] = []
      const ignored: { path: string; reason: string }[] = []
      for await (const { key, size, modifiedAt, version } of store.list('', signal)) {
        if (except !== undefined && key.startsWith(`${except}/`)) continue
        const meaning = modelOfKey(key)
        if (meaning === undefined) continue
        if ('ignored' in meaning) ignored.push({ path: key, reason: meaning.ignored })
        else items.push({ path: key, model: meaning.model, size, modifiedAt, version })
      }
      return { items, ignored }
    },

    read: (object, signal) => readObject(store, object, signal),
    readBundle: (object, signal) => readBundleObject(store, object, signal),
  }
}

/** Lists may be stale and know nothing of what comes later: the version decides what is read. */
async function* readObject(
  store: ObjectStore,
  { path: key, version: ifVersion }: FoundObject,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const opened = await store.open(key, { ifVersion, signal })
    try {
      yield* opened.chunks
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (error instanceof ObjectChanged || error instanceof ObjectNotFound)
      throw new ItemChanged('The object is another by now', { cause: error })
    if (error instanceof StoreUnavailable)
      throw new SourceUnavailable(`The bucket does not answer: ${error.message}`, { cause: error })
    throw error
  }
}

/** A byte more than any bundle has is read, so that what is longer is refused. */
async function readBundleObject(
  store: ObjectStore,
  { path }: FoundObject,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const key = `${path}${BUNDLE_SUFFIX}`
  try {
    const opened = await store.open(key, { signal })
    try {
      return await readStart(opened.chunks, LONGEST_BUNDLE_BYTES + 1)
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    if (error instanceof StoreUnavailable)
      throw new SourceUnavailable(`The bucket does not answer: ${error.message}`, { cause: error })
    throw error
  }
}
