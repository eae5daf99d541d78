import { readableSize } from '../../protocol/readable-size.ts'
import type { KnownModel } from '../api/known-schemas.ts'

/** `7 of 50 releases, 1.2 GB of 10 GB`: what a model has of what it may have; undefined: nothing limits it. */
export function describeQuota({ quota, releases, bytes }: KnownModel): string | undefined {
  if (quota == null) return undefined
  return [
    ...(quota.releases === null ? [] : [`${releases} of ${quota.releases} releases`]),
    ...(quota.bytes === null ? [] : [`${readableSize(bytes ?? 0)} of ${readableSize(quota.bytes)}`]),
  ].join(', ')
}
