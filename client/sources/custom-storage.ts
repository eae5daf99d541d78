import path from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { safeFileName } from '../../protocol/file-name.ts'
import { PullFailure } from '../failure.ts'
import { DEFAULT_ARCHIVE_NAME } from '../http/archive-name.ts'
import type { Answer, Question, Source } from './source.ts'

/**
 * What a storage class of your own has to be able to do, as a persistor class has for Rasa. It is made without
 * arguments; whatever it throws counts as "the storage is away".
 */
export interface CustomStorage {
  /** Opens an archive; null where there is none of that name. */
  retrieve(name: string, options: { signal: AbortSignal }): Promise<RetrievedArchive | null>
  /** Saves an archive; needed by `push` only. Nothing may be visible before all of `bytes` was read. */
  persist?(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    about: { size: number; sha256: string; signal: AbortSignal },
  ): Promise<void>
}

export interface RetrievedArchive {
  /** A stream of Node is one. Not read where `version` says that nothing is new. */
  bytes: AsyncIterable<Uint8Array>
  /** Bytes in all; checked where it is given. */
  size?: number
  /** Any text that changes whenever the archive does; without it every poll fetches the whole. */
  version?: string
}

/**
 * Loads a storage class from a module: its default export, or `./module.mjs#Name` for a named one.
 *
 * @param base The folder that a relative path starts from.
 * @throws PullFailure `configuration` that says what the module lacks.
 */
export async function loadCustomStorage(specifier: string, base: string): Promise<CustomStorage> {
  const [file = '', name = 'default'] = specifier.split('#')
  const url = pathToFileURL(path.resolve(base, file)).href
  let module: Record<string, unknown>
  try {
    module = (await import(url)) as Record<string, unknown>
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw wrong(specifier, `cannot be loaded: ${reason}`, error)
  }
  const Storage = module[name]
  if (typeof Storage !== 'function') throw wrong(specifier, `has no class as its ${name} export`)
  let storage: unknown
  try {
    storage = Reflect.construct(Storage, [])
  } catch (error) {
    throw wrong(
      specifier,
      `cannot be constructed: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
  if (!isCustomStorage(storage)) throw wrong(specifier, 'has no method retrieve(name, { signal })')
  return storage
}

function isCustomStorage(value: unknown): value is CustomStorage {
  if (typeof value !== 'object' || value === null) return false
  if (!('retrieve' in value) || typeof value.retrieve !== 'function') return false
  return !('persist' in value) || typeof value.persist === 'function'
}

function wrong(specifier: string, what: string, cause?: unknown): PullFailure {
  return new PullFailure('configuration', `the storage ${specifier} ${what}`, {
    again: false,
    final: true,
    cause,
  })
}

/** An archive of a storage class. */
export function customSource(storage: CustomStorage, name: string, description: string): Source {
  return {
    description: `${description}: ${name}`,
    key: `${description} ${name}`,
    close: () => Promise.resolve(),
    async ask(question) {
      try {
        return await ask(storage, name, question)
      } catch (error) {
        question.signal.throwIfAborted()
        throw storageFailure(error)
      }
    },
  }
}

async function ask(storage: CustomStorage, name: string, { claim, signal }: Question): Promise<Answer> {
  const found = await storage.retrieve(name, { signal })
  if (found === null) throw new PullFailure('source', `the storage has no ${name}`)
  const { bytes, size, version } = found
  // A stream that fails before anybody reads it, or while it is destroyed, must not end the process. Whoever reads it
  // gets the failure all the same.
  if (bytes instanceof Readable) bytes.on('error', () => undefined)
  const iterator = guarded(bytes, signal)
  const etag = version === undefined ? undefined : `"${encodeURIComponent(version)}"`
  const cancel = async (): Promise<void> => {
    // A stream of Node holds a descriptor or a connection until it is told.
    if (bytes instanceof Readable) bytes.destroy()
    await iterator.return(undefined)
  }
  if (etag !== undefined && etag === claim) {
    await cancel()
    return { kind: 'unchanged' }
  }
  const filename = safeFileName(path.posix.basename(name)) ?? DEFAULT_ARCHIVE_NAME
  return { kind: 'offer', offer: { etag, size, filename, start: 0, chunks: iterator, cancel } }
}

async function* guarded(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    signal.throwIfAborted()
    throw storageFailure(error)
  }
}

function storageFailure(error: unknown): PullFailure {
  if (error instanceof PullFailure) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new PullFailure('source', `the storage failed: ${reason}`, { again: true, cause: error })
}
