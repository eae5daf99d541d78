import path from 'node:path'
import { isObjectKey } from '../../storage/object-key.ts'
import {
  isCloudKind,
  readStoreSettings,
  readStoreUrl,
  type StoreSettingsResult,
} from '../../storage/read-store-settings.ts'
import type { RetryPolicy } from '../../storage/bucket/retry-policy.ts'
import type { StoreSettings } from '../../storage/store-settings.ts'
import { isName, NAME_RULE } from '../../protocol/names.ts'
import type { Settings } from './settings.ts'

/** Where archives lie, and what comes from and goes to other buckets. */
export interface StorageConfig {
  store: StoreSettings
  /** How long a lease on the bucket is good; undefined: the standard (server/blobs/bucket-lease.ts). */
  leaseTimings?: { duration: number; interval: number; answerTimeout?: number }
  /** Others than standard, for tests: when storage that failed is asked again. Milliseconds. */
  watchTimings?: { firstPause: number; longestPause: number }
  /** How much of a cloud is kept on the local disk. */
  cacheBytes: number
  /** Undefined: nothing is imported. */
  import: ImportConfig | undefined
  /** Undefined: nothing is exported. */
  export: ExportConfig | undefined
}

export interface ImportConfig {
  store: StoreSettings
  /** The URL that says where it is: what was taken is remembered by it. */
  place: string
  intervalMilliseconds: number
  /** Folder inside it that is left alone, since the export writes there; undefined: none. */
  except: string | undefined
}

export interface ExportConfig {
  store: StoreSettings
  /** The URL that says where it is. */
  place: string
  /** Name of an object, with `{tag}` and perhaps `{model}` in it. */
  name: string
  /** Which tags; undefined: all but `latest`. */
  tags: readonly string[] | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * How long clouds are waited for: a pull hears its 503 within 30 s, after which pullers give up; so does a publish, 30 s
 * after the store took something of it last.
 */
const RETRY_POLICY: RetryPolicy = {
  attempts: 4,
  firstPause: 200,
  longestPause: 2_000,
  answerTimeout: 6_000,
  stallTimeout: 10_000,
  uploadRetryTime: 24_000,
}

/**
 * Reads what the environment says of storage.
 *
 * @param mistakes Gets a line for everything that is wrong; what is returned is of use only where none was added.
 */
export function readStorageConfig(
  env: Environment,
  settings: Settings,
  dataDir: string,
  mistakes: string[],
): StorageConfig {
  const read = (result: StoreSettingsResult): StoreSettings | undefined => {
    mistakes.push(...(result.mistakes ?? []))
    return result.settings && withRetryPolicy(result.settings)
  }
  const { STORAGE: kind, SLIPWAY_IMPORT: from, SLIPWAY_EXPORT: to } = settings
  const filesystem: StoreSettings = { kind: 'filesystem', root: path.join(dataDir, 'blobs') }
  const store = isCloudKind(kind)
    ? read(readStoreSettings(env, kind, { spool: path.join(dataDir, 'spool') }))
    : filesystem
  const imported = from === undefined ? undefined : read(readStoreUrl(from, 'SLIPWAY_IMPORT', env))
  const exported =
    to === undefined
      ? undefined
      : read(readStoreUrl(to, 'SLIPWAY_EXPORT', env, { spool: path.join(dataDir, 'export') }))
  mistakes.push(...exportNameMistakes(settings.SLIPWAY_EXPORT_NAME))
  if (imported !== undefined && exported !== undefined && isSameOrWithin(imported, exported)) {
    mistakes.push(
      'SLIPWAY_EXPORT: must not be the folder of SLIPWAY_IMPORT or one around it, or what is promoted would be published again; give it a folder of its own',
    )
  }
  return {
    store: store ?? filesystem,
    cacheBytes: settings.SLIPWAY_CACHE_BYTES,
    import: imported && {
      store: imported,
      place: withoutSlashAtEnd(from ?? ''),
      intervalMilliseconds: settings.SLIPWAY_IMPORT_INTERVAL * 1_000,
      except: exported && isSameOrWithin(exported, imported) ? relativeFolder(exported, imported) : undefined,
    },
    export: exported && {
      store: exported,
      place: withoutSlashAtEnd(to ?? ''),
      name: settings.SLIPWAY_EXPORT_NAME,
      tags: tagsOf(settings.SLIPWAY_EXPORT_TAGS, mistakes),
    },
  }
}

function withoutSlashAtEnd(url: string): string {
  return url.replace(/\/+$/, '')
}

function withRetryPolicy(settings: StoreSettings): StoreSettings {
  return settings.kind === 'filesystem' ? settings : { ...settings, retryPolicy: RETRY_POLICY }
}

function exportNameMistakes(name: string): string[] {
  const example = name.replaceAll('{tag}', 't').replaceAll('{model}', 'm')
  // With nothing but a slash between them, no two of a model and its tag give the same name.
  const isApart =
    !name.includes('{model}') || /\{model\}[^{]*\/[^{]*\{tag\}|\{tag\}[^{]*\/[^{]*\{model\}/.test(name)
  const isRight = name.includes('{tag}') && name.endsWith('.tar.gz') && !/[{}]/.test(example) && isApart
  if (isRight && isObjectKey(example)) return []
  return [
    `SLIPWAY_EXPORT_NAME is "${name}": expected a name that ends in .tar.gz and contains {tag}, perhaps {model} too with a slash between them, such as {model}/{tag}.tar.gz`,
  ]
}

function tagsOf(text: string | undefined, mistakes: string[]): string[] | undefined {
  if (text === undefined) return undefined
  const tags = text.split(',').map((tag) => tag.trim())
  const wrong = tags.filter((tag) => !isName(tag))
  if (wrong.length > 0) {
    mistakes.push(
      `SLIPWAY_EXPORT_TAGS: ${wrong.map((tag) => `"${tag}"`).join(', ')} names no tag; ${NAME_RULE}`,
    )
  }
  return tags
}

function placeOf(settings: StoreSettings): { bucket: string; folder: string } {
  switch (settings.kind) {
    case 'filesystem':
      return { bucket: settings.root, folder: '' }
    case 'azure':
      return { bucket: settings.container, folder: settings.folder ?? '' }
    default:
      return { bucket: settings.bucket, folder: settings.folder ?? '' }
  }
}

function isSameOrWithin(inner: StoreSettings, outer: StoreSettings): boolean {
  const [one, other] = [placeOf(inner), placeOf(outer)]
  if (inner.kind !== outer.kind || one.bucket !== other.bucket) return false
  return other.folder === '' || `${one.folder}/`.startsWith(`${other.folder}/`)
}

function relativeFolder(inner: StoreSettings, outer: StoreSettings): string {
  const from = placeOf(outer).folder
  return placeOf(inner).folder.slice(from === '' ? 0 : from.length + 1)
}
