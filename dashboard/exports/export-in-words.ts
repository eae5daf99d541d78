import type { Export } from '../../protocol/export.ts'
import { count } from '../text/count.ts'

/** How the copy of a tag's archive is. */
export function exportInWords({ state, attempts, lastError }: Export): string {
  switch (state) {
    case 'done':
      return 'is what the tag points at'
    case 'pending':
      return 'is being copied'
    case 'failed':
      return `not copied, after ${count(attempts, 'attempt')}: ${lastError ?? 'nobody knows why'}; it is tried again by itself`
  }
}
