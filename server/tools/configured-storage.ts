import path from 'node:path'
import { Spool } from '../../storage/bucket/spool.ts'
import { openStore } from '../../storage/open-store.ts'
import { isCloudKind, readStoreSettings, readStoreUrl } from '../../storage/read-store-settings.ts'
import { StoreMisconfigured, StoreUnavailable, type ObjectStore } from '../../storage/object-store.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import type { StoreSettingsResult } from '../../storage/read-store-settings.ts'
import { ToolFailure } from './tool-failure.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the archives of a server lie, as its environment says it. */
export interface ConfiguredStorage {
  kind: 'files' | 'bucket'
  store: ObjectStore
}

/**
 * Opens the storage that the server of this environment uses.
 *
 * @throws ToolFailure (2) that names the variable to look at.
 */
export async function openConfiguredStorage(env: Environment, dataDir: string): Promise<ConfiguredStorage> {
  const kind = env['STORAGE'] ?? 'filesystem'
  if (kind === 'filesystem') return { kind: 'files', store: new FilesystemStore(path.join(dataDir, 'blobs')) }
  if (!isCloudKind(kind))
    throw new ToolFailure(2, `STORAGE is "${kind}": expected filesystem, aws, gcs or azure.`)
  const settings = readStoreSettings(env, kind, { spool: path.join(dataDir, 'spool') })
  return { kind: 'bucket', store: await openRead(settings) }
}

/** Whether a place is the URL of an object store, and no folder. */
export function isStoreUrl(place: string): boolean {
  return /^(s3|gs|azure):\/\//.test(place)
}

/**
 * Opens the object store that a URL names.
 *
 * @param spool A folder where uploads wait, for tools.
 * @throws ToolFailure (2)
 */
export async function openStoreUrl(url: string, env: Environment, spool: string): Promise<ObjectStore> {
  // What a tool that was killed left there: archives, which nobody would remove.
  await new Spool(spool).sweep().catch(() => undefined)
  return await openRead(readStoreUrl(url, 'the place', env, { spool }))
}

async function openRead({ settings, mistakes }: StoreSettingsResult): Promise<ObjectStore> {
  if (settings === undefined) throw new ToolFailure(2, `${mistakes.join('. ')}.`)
  try {
    const store = await openStore(settings)
    await store.probe()
    return store
  } catch (cause) {
    if (cause instanceof StoreMisconfigured) throw new ToolFailure(2, `${cause.message}.`, { cause })
    if (cause instanceof StoreUnavailable)
      throw new ToolFailure(5, `${cause.message}: check the address and the network.`, { cause })
    throw cause
  }
}
