import type { Export } from '../../protocol/export.ts'
import type { Overview } from '../../protocol/overview.ts'
import type { Status } from '../../protocol/status.ts'
import { attentionToBots } from './attention-to-bots.ts'
import { attentionToExports } from './attention-to-exports.ts'
import { attentionToReleases } from './attention-to-releases.ts'
import { attentionToRollouts } from './attention-to-rollouts.ts'
import { attentionToServer } from './attention-to-server.ts'
import type { Attention } from './attention.ts'

/**
 * Everything that needs a hand, in the order in which to look at it: what is urgent, then the rest; of both bots, rollouts,
 * releases, archives, then the server itself, and of each kind the worst first.
 *
 * @param status null where the reader may not see it.
 */
export function needsAttention(
  overview: Overview,
  status: Status | null,
  exports: readonly Export[] = [],
): Attention[] {
  const now = Date.parse(overview.at)
  const server = status === null ? [] : attentionToServer(status, now)
  const all = [
    ...server.filter(({ key }) => key === 'catalog-lost'),
    ...attentionToBots(overview, now),
    ...attentionToRollouts(overview),
    ...attentionToReleases(overview),
    ...attentionToExports(exports),
    ...server.filter(({ key }) => key !== 'catalog-lost'),
  ]
  return [
    ...all.filter(({ urgency }) => urgency === 'now'),
    ...all.filter(({ urgency }) => urgency !== 'now'),
  ]
}
