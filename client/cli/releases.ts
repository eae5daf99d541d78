import type { Command } from 'commander'
import { DEFAULT_MODEL } from '../../protocol/names.ts'
import { listReleases } from '../api/releases.ts'
import { listTags } from '../api/tags.ts'
import { EXIT_CODES_HELP } from './exit-code.ts'
import { countFromOne } from './option-values.ts'
import { modelName } from './references.ts'
import { readableSize, readableTime, table } from './table.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'
import { shownText } from '../../protocol/shown-text.ts'

const EXAMPLES = `
Examples:
  slipway releases shop
  slipway releases shop --limit 5 --json
`

/** `slipway releases [MODEL]`. */
export function addReleases(program: Command): void {
  program
    .command('releases')
    .description('list the releases of a model, newest first')
    .argument('[MODEL]', 'the model', DEFAULT_MODEL)
    .option('--limit <n>', 'show at most n', countFromOne, 20)
    .option('--json', 'print one JSON object per release')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((name: string, options: { limit: number; json?: true }) =>
      withServer(async (client) => {
        const model = modelName(name)
        const releases = await listReleases(client, model, options.limit)
        if (options.json === true) {
          for (const release of releases) printJson(release)
          return
        }
        const tags = await listTags(client, model)
        const rows = releases.map((release) => [
          release.number.toString(),
          release.digest.slice(0, 12),
          readableSize(release.size),
          readableTime(release.publishedAt),
          release.publishedBy,
          release.filename,
          tags
            .filter((tag) => tag.release === release.number)
            .map((tag) => tag.tag)
            .join(' '),
          shownText(release.notes),
        ])
        print(table([['RELEASE', 'DIGEST', 'SIZE', 'PUBLISHED', 'BY', 'FILE', 'TAGS', 'NOTES'], ...rows]))
      }),
    )
}
