import type { Readable } from 'node:stream'
import type { ByteRange, ObjectStat } from '../object-store.ts'

/**
 * What {@link BucketStore} asks of one cloud. Every method but `put` makes one attempt: the store repeats it.
 * Failures come in the words of the port (object-store.ts): StoreUnavailable is what is worth repeating.
 */
export interface Bucket {
  /** `s3 name at https://…`: no secret is in it. */
  readonly description: string

  /** The first page of objects, or the one after `cursor`. */
  list(prefix: string, cursor: string | undefined, signal: AbortSignal): Promise<ListedPage>
  head(key: string, signal: AbortSignal): Promise<ObjectStat | undefined>
  /** Resolves with the headers. Throws ObjectNotFound and ObjectChanged. */
  get(key: string, options: GetOptions, signal: AbortSignal): Promise<Download>
  /**
   * Uploads, in parts where it is large, and repeats what is worth repeating by itself.
   *
   * @returns `exists` where it was to be created once and the key is taken. Where an answer was lost, that may be
   * the object of this very call.
   * @throws NoCreateOnce where the server does not know how
   */
  put(key: string, source: UploadSource, options: PutOptions): Promise<'created' | 'exists'>
  /**
   * Writes a small object where the version is the expected one (null: where there is none), in one attempt.
   *
   * @returns the version it has now
   * @throws ObjectChanged
   */
  swap(key: string, bytes: Uint8Array, expected: string | null, signal: AbortSignal): Promise<string>
  /** Resolves too where there is no such object. */
  remove(key: string, signal: AbortSignal): Promise<void>
  /** Ends uploads in parts that were begun before `before` (milliseconds since 1970); how many. */
  sweepUploads?(prefix: string, before: number, signal: AbortSignal, progress: () => void): Promise<number>
  close(): Promise<void>
}

export interface ListedPage {
  objects: ObjectStat[]
  next?: string | undefined
}

export interface GetOptions {
  range?: ByteRange | undefined
  ifVersion?: string | undefined
  /** What an earlier answer said of this version: there is no need to ask. */
  known?: ObjectStat | undefined
}

export interface Download {
  stat: ObjectStat
  body: Readable
}

/** Bytes that can be read again, part by part, as often as an upload needs to. */
export interface UploadSource {
  readonly size: number
  /** Fills all of `into` with the bytes from `start` on. */
  readInto(into: Uint8Array, start: number): Promise<void>
}

export interface PutOptions {
  sha256: string
  /** Create the object only where there is none. */
  once: boolean
  signal?: AbortSignal | undefined
}

/** The server does not know how to create an object only where there is none. */
export class NoCreateOnce extends Error {
  override readonly name = 'NoCreateOnce'
}
