import type { Command } from 'commander'
import { readableSize } from '../../protocol/readable-size.ts'
import type { KnownReleaseSummary, KnownTag } from '../api/known-schemas.ts'
import { listReleases } from '../api/releases.ts'
import { listTags } from '../api/tags.ts'
import { exitCodesHelp } from './exit-code.ts'
import { countFromOne } from './option-values.ts'
import { modelName, modelNames } from './references.ts'
import { releaseTable } from './release-table.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'

const EXAMPLES = `
STATE is ok, taken back (bots could not load it: promoting it needs --force), or
damaged (its archive is not given out until the same bytes are published again).
On a terminal of less than 120 columns DIGEST, BY, FILE and NOTES are left out;
slipway show has them.

Examples:
  slipway releases
  slipway releases shop
  slipway releases shop --limit 5 --json
`

const EXIT_CODES_HELP = exitCodesHelp({ notFound: 'there is no such model' })

/** `slipway releases [MODEL]`. */
export function addReleases(program: Command): void {
  program
    .command('releases')
    .description('list the releases of a model, or of every model, newest first')
    .argument('[MODEL]', 'the model; without it, every model')
    .option('--limit <n>', 'show at most n of each model', countFromOne, 20)
    .option('--json', 'print one JSON object per release')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((name: string | undefined, { limit, json }: { limit: number; json?: true }) =>
      withServer(async (client) => {
        const models = name === undefined ? await modelNames(client) : [modelName(name)]
        const rows: string[][] = []
        for (const model of models) {
          const releases = await listReleases(client, model, limit)
          if (json === true) for (const release of releases) printJson(release)
          else rows.push(...releaseRows(releases, await listTags(client, model)))
        }
        if (json !== true) print(releaseTable(rows))
      }),
    )
}

function releaseRows(releases: readonly KnownReleaseSummary[], tags: readonly KnownTag[]): string[][] {
  return releases.map((release) => [
    `${release.model}#${release.number}`,
    stateOf(release),
    release.digest.slice(0, 12),
    readableSize(release.size),
    readableTime(release.publishedAt),
    release.publishedBy,
    release.filename,
    tags
      .filter((tag) => tag.release === release.number)
      .map(({ tag }) => tag)
      .join(' '),
    release.notes,
  ])
}

/** What keeps a release from bots, or from being promoted. */
function stateOf({ quarantine, damagedAt }: KnownReleaseSummary): string {
  if (damagedAt !== undefined) return 'damaged'
  return quarantine == null ? 'ok' : 'taken back'
}
