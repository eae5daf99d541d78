import type { Command } from 'commander'
import { listModels, readStatus } from '../api/releases.ts'
import type { KnownStatus } from '../api/releases.ts'
import { listTags } from '../api/tags.ts'
import { EXIT_CODES_HELP } from './exit-code.ts'
import { serverAddress } from './server-address.ts'
import { oneLine, readableSize, readableTime, table } from './table.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Examples:
  slipway status
  SLIPWAY_URL=https://models.example.com slipway status --json
`

/** `slipway status`. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show how the server is, its models, and where their tags point')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((options: { json?: true }) =>
      withServer(async (client) => {
        const status = await readStatus(client)
        const models = await listModels(client)
        const tagged = await Promise.all(
          models.map(async (model) => ({ ...model, tags: await listTags(client, model.model) })),
        )
        if (options.json === true) {
          console.log(JSON.stringify({ ...status, models: tagged }))
          return
        }
        console.log(
          `${serverAddress(process.env).url.origin}: slipway ${status.version ?? 'of an unknown version'}`,
        )
        for (const line of statusLines(status)) console.log(line)
        console.log()
        const rows = tagged.map(({ model, releases, defaultTag, tags }) => [
          model,
          releases.toString(),
          tags.map(({ tag, release }) => `${tag}${tag === defaultTag ? '*' : ''}=${release}`).join(' '),
        ])
        console.log(table([['MODEL', 'RELEASES', 'TAGS (* default)'], ...rows]))
      }),
    )
}

function statusLines({
  startedAt,
  storage,
  freeBytes,
  transfers,
  uploads,
  warnings = [],
}: KnownStatus): string[] {
  const free = typeof freeBytes === 'number' ? `, ${readableSize(freeBytes)} free` : ''
  return [
    startedAt === undefined ? '' : `up since ${readableTime(startedAt)}`,
    storage === undefined ? '' : `archives in ${storage}${free}`,
    `${transfers ?? 0} transfers and ${uploads ?? 0} uploads under way`,
    ...warnings.map(({ message }) => `warning: ${oneLine(message)}`),
  ].filter((line) => line !== '')
}
