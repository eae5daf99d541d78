import type { Command } from 'commander'
import type { Pruned, ReasonToStay } from '../../protocol/prune.ts'
import { prune, type PruneLimits } from '../api/prune.ts'
import { listModels } from '../api/releases.ts'
import { exitCodesHelp } from './exit-code.ts'
import { countFromOne } from './option-values.ts'
import { modelName } from './references.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { table } from './table.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'
import { print } from './print.ts'
import { jsonLine } from '../../protocol/shown-text.ts'
import { readableSize } from '../../protocol/readable-size.ts'

interface PruneOptions extends PruneLimits {
  dryRun?: true
  json?: true
}

const EXAMPLES = `
Releases that a tag points at, the last ones of each tag's history, and those
that a bot ran in the last 30 days always stay. Archives are deleted some time
after their last release (SLIPWAY_GRACE_MINUTES of the server).

Examples:
  slipway prune shop --keep-releases 20 --dry-run
  slipway prune --keep-releases 20 --keep-days 90     all models; a release stays if either lets it
`

const EXIT_CODES_HELP = exitCodesHelp({ notFound: 'there is no such model' })

/** `slipway prune [MODEL]`. */
export function addPrune(program: Command): void {
  program
    .command('prune')
    .description('delete old releases that nothing uses')
    .argument('[MODEL]', 'the model; without it, every model')
    .option('--keep-releases <n>', 'keep the newest n', countFromOne)
    .option('--keep-days <n>', 'keep those published in the last n days', countFromOne)
    .option('--keep-history <n>', "keep the last n of each tag's history (default: 5)", countFromOne)
    .option('--dry-run', 'show what would be deleted, and why the others stay; delete nothing')
    .option('--json', 'one JSON object for each model')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action(async (model: string | undefined, { dryRun, json, ...limits }: PruneOptions) => {
      if (limits.keepReleases === undefined && limits.keepDays === undefined)
        throw usageError('name what to keep: --keep-releases N, --keep-days N, or both')
      await withServer(async (client) => {
        const models =
          model === undefined ? (await listModels(client)).map((each) => each.model) : [modelName(model)]
        for (const each of models) {
          const pruned = await prune(client, each, limits, dryRun === true)
          print(json === true ? jsonLine(pruned) : describePruned(pruned))
        }
      })
    })
}

function describePruned({ model, dryRun, pruned, kept, freedBytes }: Pruned): string {
  const went = `${pruned.length} ${dryRun ? 'would go' : 'went'} (${readableSize(freedBytes)})`
  const rows = [
    ...pruned.map((release) => ({ ...release, why: dryRun ? 'would go' : 'pruned' })),
    ...kept.map((release) => ({ ...release, why: release.reasons.map(describeReason).join(', ') })),
  ]
    .sort((one, other) => other.number - one.number)
    .map(({ number, digest, size, publishedAt, why }) => [
      number.toString(),
      digest.slice(0, 12),
      readableSize(size),
      readableTime(publishedAt),
      why,
    ])
  const shown = table([['RELEASE', 'DIGEST', 'SIZE', 'PUBLISHED', 'WHY IT STAYS'], ...rows])
  return `${model}: ${went}, ${kept.length} stay\n${shown}`
}

function describeReason({ code, tag, lastSeen }: ReasonToStay): string {
  switch (code) {
    case 'tagged':
      return `tagged ${tag ?? ''}`
    case 'tag-history':
      return `in the history of ${tag ?? ''}`
    case 'rollout':
      return `needed by a rollout of ${tag ?? ''}`
    case 'seen-running':
      return `seen running ${readableTime(lastSeen ?? '')}`
    case 'among-newest':
      return 'among the newest'
    case 'young':
      return 'young'
  }
}
