import path from 'node:path'
import { safeFileName } from '../../protocol/file-name.ts'
import {
  ObjectChanged,
  ObjectNotFound,
  StoreFull,
  StoreMisconfigured,
  StoreUnavailable,
} from '../../storage/object-store.ts'
import type { ObjectStat, ObjectStore } from '../../storage/object-store.ts'
import { PullFailure, errorCode } from '../failure.ts'
import { DEFAULT_ARCHIVE_NAME } from '../http/archive-name.ts'
import { isArchiveName, newest } from './newest-archive.ts'
import type { Answer, Question, Source } from './source.ts'

/** What to take from an object store. */
export type ObjectChoice =
  /** The object of this key. */
  | { key: string }
  /** The newest archive of this folder, not recursive; an empty name is the top. Rasa cannot do this. */
  | { newestIn: string }

/**
 * An object store. Its listing only finds; the read, bound to the version that was found, decides: a store never
 * lists and reads in one step.
 */
export function storeSource(store: ObjectStore, choice: ObjectChoice): Source {
  const what = 'key' in choice ? choice.key : `the newest of ${choice.newestIn}/`
  return {
    description: `${store.description}: ${what}`,
    key: `${store.description} ${what}`,
    close: () => store.close(),
    async ask(question) {
      try {
        return await ask(store, choice, question)
      } catch (error) {
        question.signal.throwIfAborted()
        throw failureOfStore(error)
      }
    },
  }
}

async function ask(
  store: ObjectStore,
  choice: ObjectChoice,
  { claim, partial, signal }: Question,
): Promise<Answer> {
  const found = await find(store, choice, signal)
  const etag = versionTag(found)
  if (etag === claim) return { kind: 'unchanged' }
  const present = partial?.etag === etag ? partial.bytes : 0
  if (present > 0 && present === found.size) return { kind: 'complete' }
  const start = present < found.size ? present : 0
  const range = start === 0 ? {} : { range: { start, length: found.size - start } }
  const object = await store.open(found.key, {
    ifVersion: found.version,
    expectedSize: found.size,
    signal,
    ...range,
  })
  return {
    kind: 'offer',
    offer: {
      etag,
      size: object.size,
      filename: safeFileName(path.posix.basename(found.key)) ?? DEFAULT_ARCHIVE_NAME,
      start,
      chunks: named(object.chunks, signal),
      cancel: () => object.close(),
    },
  }
}

async function find(store: ObjectStore, choice: ObjectChoice, signal: AbortSignal): Promise<ObjectStat> {
  if ('key' in choice) {
    const found = await store.stat(choice.key, signal)
    if (found === undefined) throw new ObjectNotFound(choice.key)
    return found
  }
  const prefix = choice.newestIn === '' ? '' : `${choice.newestIn}/`
  const items: (ObjectStat & { name: string })[] = []
  for await (const object of store.list(prefix, signal)) {
    const name = object.key.slice(prefix.length)
    if (!name.includes('/') && isArchiveName(name)) items.push({ ...object, name })
  }
  const found = newest(items)
  if (found === undefined)
    throw new PullFailure('source', `there is no *.tar.gz in ${store.description} ${prefix}`)
  return found
}

/** Two objects may have one version (an MD5), so the key belongs to the tag. */
function versionTag({ key, version }: ObjectStat): string {
  return `"${encodeURIComponent(key)}:${encodeURIComponent(version)}"`
}

async function* named(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    signal.throwIfAborted()
    throw failureOfStore(error)
  }
}

/** A store's failure in the puller's words; what is none of the store's comes back as it was. */
export function failureOfStore(error: unknown): unknown {
  if (error instanceof PullFailure || !(error instanceof Error)) return error
  const { message } = error
  if (error instanceof StoreMisconfigured) {
    // A name that cannot be looked up may be a network that is not there yet: no reason to end a watch.
    if (isUnresolved(error)) return new PullFailure('source', message, { again: true, cause: error })
    return new PullFailure('configuration', message, { again: false, final: true, cause: error })
  }
  if (error instanceof ObjectNotFound)
    return new PullFailure('source', message, { again: false, cause: error })
  if (error instanceof StoreUnavailable || error instanceof ObjectChanged) {
    return new PullFailure('source', message, { again: true, cause: error })
  }
  if (error instanceof StoreFull) return new PullFailure('source', message, { again: false, cause: error })
  return new PullFailure('source', `the store failed: ${message}`, { again: true, cause: error })
}

/** Whether the name of a host could not be looked up, as an error or one of its causes says. */
function isUnresolved(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (['ENOTFOUND', 'EAI_AGAIN'].includes(errorCode(cause) ?? '')) return true
  return false
}
