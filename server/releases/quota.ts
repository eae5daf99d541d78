import type { Quota } from '../../protocol/quota.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import type { CatalogReader } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import type { Model } from './model.ts'
import type { Digest, ReleaseSummary } from './release.ts'

/** What a model has. */
export interface QuotaUse {
  readonly releases: number
  /** Bytes of its archives together, each counted once. */
  readonly bytes: number
}

/**
 * Why a model may not have one more release; undefined: it may.
 *
 * @param use What it has; where it has the archive already, without that.
 * @param size Bytes of the archive.
 */
export function quotaFault(quota: Quota, use: QuotaUse, size: number): 'releases' | 'bytes' | undefined {
  if (quota.releases !== null && use.releases >= quota.releases) return 'releases'
  return quota.bytes !== null && use.bytes + size > quota.bytes ? 'bytes' : undefined
}

/** Asked in the transaction that publishes. @throws DomainError `quota-exceeded` */
export async function requireQuota(
  catalog: CatalogReader,
  { model, quota }: Pick<Model, 'model' | 'quota'>,
  { digest, size }: { digest: Digest; size: number },
): Promise<void> {
  if (quota === null) return
  const use = await readUse(catalog, model, digest)
  const fault = quotaFault(quota, use, size)
  if (fault !== undefined) throw quotaExceeded(model, quota, use, fault)
}

/** How long an archive may be that is about to come in. */
export interface QuotaRoom {
  readonly bytes: number
  refuse(): DomainError
}

/**
 * Refuses what would be taken in vain before its bytes travel. Whoever publishes the highest release again gets that, and no new
 * one: what may be it is let through.
 *
 * @param announced What the sender says of the archive; undefined where nothing is known.
 * @returns How long it may be; undefined: nothing limits it.
 * @throws DomainError `quota-exceeded`
 */
export async function roomInQuota(
  catalog: CatalogReader,
  { model, quota }: Pick<Model, 'model' | 'quota'>,
  announced: { digest: Digest | undefined; size: number | undefined },
): Promise<QuotaRoom | undefined> {
  if (quota === null) return undefined
  const { digest, size } = announced
  const highest = await catalog.highestRelease(model)
  if (highest !== undefined && mayBe(highest, announced)) return undefined
  const use = await readUse(catalog, model, digest)
  const refuse = () => quotaExceeded(model, quota, use, quotaFault(quota, use, 0) ?? 'bytes')
  const fault = quotaFault(quota, use, size ?? 0)
  // Without a length or a digest it may still be the highest release once more.
  const again = digest === undefined && size === undefined ? (highest?.size ?? 0) : 0
  if (fault !== undefined && again === 0) throw quotaExceeded(model, quota, use, fault)
  const free = fault !== undefined ? 0 : (quota.bytes ?? Infinity) - use.bytes
  return { bytes: Math.max(free, again), refuse }
}

function mayBe(
  release: ReleaseSummary,
  { digest, size }: { digest: Digest | undefined; size: number | undefined },
): boolean {
  return digest === undefined ? size === release.size : digest === release.digest
}

async function readUse(catalog: CatalogReader, model: string, digest: Digest | undefined): Promise<QuotaUse> {
  return {
    releases: await catalog.countReleases(model),
    bytes: await catalog.archiveBytes(model, digest),
  }
}

function quotaExceeded(
  model: string,
  quota: Quota,
  { releases, bytes }: QuotaUse,
  fault: 'releases' | 'bytes',
): DomainError {
  const has =
    fault === 'releases'
      ? `${releases} releases, and may have ${quota.releases ?? 0}`
      : `${readableSize(bytes)} of archives, and may have ${readableSize(quota.bytes ?? 0)}: this one would be more`
  return new DomainError(
    'quota-exceeded',
    `The model "${model}" has ${has}. Nothing was published. Delete or prune releases that nobody needs (slipway prune ${model} ` +
      `--keep-releases 20 --dry-run), or raise its quota (slipway quota ${model}).`,
    { model, releases, bytes, quotaReleases: quota.releases, quotaBytes: quota.bytes },
  )
}
