import { open, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RetryPolicy } from '../../storage/bucket/retry-policy.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { checkArchiveFile } from '../install/check-archive-file.ts'
import { hashFile } from '../install/hash-file.ts'
import { loadCustomStorage } from '../sources/custom-storage.ts'
import { objectKey } from '../sources/object-choice.ts'
import { readChunks } from '../sources/read-chunks.ts'
import { failureOfStore } from '../sources/store-source.ts'
import { cloudRetryPolicy } from './cloud-retry-policy.ts'
import { openCloud, storageKind } from './open-cloud.ts'
import { usageError } from './usage-error.ts'

/** What was saved, and where. */
export interface SavedArchive {
  name: string
  storage: string
  digest: string
  size: number
}

/**
 * Saves an archive to a cloud or to a storage class, under its own base name or `name`, as `rasa train
 * --remote-storage` does; what is there under that name is replaced. Only a sound archive is saved.
 */
export async function saveToStorage(
  file: string,
  storage: string,
  name: string | undefined,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  retryPolicy: RetryPolicy = cloudRetryPolicy,
): Promise<SavedArchive> {
  const kind = storageKind(storage)
  const { size } = await checkArchiveFile(file, signal)
  const digest = await hashFile(file, signal)
  const wanted = name ?? path.basename(file)
  if ('module' in kind) {
    const custom = await loadCustomStorage(kind.module, process.cwd())
    if (custom.persist === undefined)
      throw usageError(`the storage ${kind.module} has no method persist(name, bytes, about)`)
    await custom.persist(wanted, readChunks(await open(file), 0, signal), { size, sha256: digest, signal })
    return { name: wanted, storage, digest, size }
  }
  const spool = await mkdtemp(path.join(tmpdir(), 'slipway-push-'))
  try {
    const { store, hasFolder } = await openCloud(kind.cloud, environment, spool, retryPolicy)
    const key = objectKey(wanted, hasFolder)
    await saveObject(store, key, file, digest, signal)
    return { name: key, storage: store.description, digest, size }
  } finally {
    await rm(spool, { recursive: true, force: true })
  }
}

async function saveObject(
  store: ObjectStore,
  key: string,
  file: string,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await store.probe(signal)
    const staged = await store.stage()
    try {
      for await (const chunk of readChunks(await open(file), 0, signal)) await staged.write(chunk)
      await staged.commit(key, { sha256, ifExists: 'replace', signal })
    } finally {
      await staged.discard()
    }
  } catch (error) {
    signal.throwIfAborted()
    throw failureOfStore(error)
  } finally {
    await store.close()
  }
}
