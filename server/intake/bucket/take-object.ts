import { safeFileName } from '../../../protocol/file-name.ts'
import {
  ObjectChanged,
  ObjectNotFound,
  type ObjectStat,
  type ObjectStore,
  StoreUnavailable,
} from '../../../storage/object-store.ts'
import type { PublishOutcome, PublishTerms } from '../../releases/publish-model.ts'

/** An object that may be an archive, as it looked when it was listed. */
export interface FoundObject extends ObjectStat {
  model: string
  /** Its name in the catalog: where the bucket is, and its key. */
  path: string
}

/** Publishes bytes; compose.ts binds it to the operation. */
export type Publish = (body: AsyncIterable<Uint8Array>, terms: PublishTerms) => Promise<PublishOutcome>

/**
 * What became of an object:
 *
 * - `done`: published, or known already, and remembered.
 * - `refused`: no sound archive; not yet remembered.
 * - `changed`: another version is there by now, or none.
 * - `away`: the bucket does not answer.
 * - `failed`: we cannot take it now.
 */
export type TakenObject =
  | { kind: 'done'; outcome: PublishOutcome }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'changed' }
  | { kind: 'away'; error: unknown }
  | { kind: 'failed'; error: unknown }

/** Publishes an object, all of it as it was when it was listed. Never rejects. */
export async function takeObject(
  publish: Publish,
  store: ObjectStore,
  object: FoundObject,
  knownDigests: 'skip-if-ever' | 'skip-if-latest',
  signal: AbortSignal,
): Promise<TakenObject> {
  const { model, path, size, modifiedAt, version } = object
  try {
    const outcome = await publish(bytesOf(store, object, signal), {
      model,
      publishedBy: 'import',
      filename: safeFileName(path),
      knownDigests,
      inboxFile: { path, size, modifiedAt, version },
    })
    return { kind: 'done', outcome }
  } catch (error) {
    if (error instanceof ObjectChanged || error instanceof ObjectNotFound) return { kind: 'changed' }
    if (error instanceof StoreUnavailable) return { kind: 'away', error }
    const code = refusalCode(error)
    if (code === undefined) return { kind: 'failed', error }
    return { kind: 'refused', code, message: error instanceof Error ? error.message : code }
  }
}

/** Lists may be stale and know nothing of what comes later: the version decides what is read. */
async function* bytesOf(
  store: ObjectStore,
  { key, version: ifVersion }: FoundObject,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const opened = await store.open(key, { ifVersion, signal })
  try {
    yield* opened.chunks
  } finally {
    await opened.close()
  }
}

/** The code of a refusal that only another object can cure: all of these begin alike. */
function refusalCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return error.code.startsWith('archive-') ? error.code : undefined
}
