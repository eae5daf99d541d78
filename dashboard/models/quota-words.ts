import { parseByteSize } from '../../protocol/byte-size.ts'
import type { Model } from '../../protocol/model.ts'
import type { Quota } from '../../protocol/quota.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { count, grouped } from '../text/count.ts'

/** How much a model may have: `at most 50 releases and 10.0 GB of archives`. */
export function quotaInWords(quota: Quota | null): string {
  const limits = [
    ...(quota?.releases == null ? [] : [count(quota.releases, 'release')]),
    ...(quota?.bytes == null ? [] : [`${readableSize(quota.bytes)} of archives`]),
  ]
  return limits.length === 0 ? 'as much as there is room for' : `at most ${limits.join(' and ')}`
}

/** How much of its quota a model has: `7 of 50 releases, 1.2 GB of 10.0 GB`; undefined where nothing limits it. */
export function quotaUse({
  quota,
  releases,
  bytes,
}: Pick<Model, 'quota' | 'releases' | 'bytes'>): string | undefined {
  if (quota === null) return undefined
  return [
    ...(quota.releases === null ? [] : [`${grouped(releases)} of ${count(quota.releases, 'release')}`]),
    ...(quota.bytes === null ? [] : [`${readableSize(bytes ?? 0)} of ${readableSize(quota.bytes)}`]),
  ].join(', ')
}

/** Reads a size as `slipway quota` takes it: `20G`; undefined: it is none, or nothing. */
export function sizeIn(text: string): number | undefined {
  const bytes = parseByteSize(text.trim())
  return bytes === undefined || bytes < 1 || !Number.isSafeInteger(bytes) ? undefined : bytes
}
