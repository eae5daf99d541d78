import type { Command } from 'commander'
import { jsonLine, shownText } from '../../protocol/shown-text.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import type { ApiClient } from '../api/api-client.ts'
import { readFleetTrouble, type FleetTrouble } from '../api/fleet-trouble.ts'
import { listModels, readStatus } from '../api/releases.ts'
import type { KnownStatus } from '../api/releases.ts'
import { listTags } from '../api/tags.ts'
import type { KnownModel, KnownTag } from '../api/known-schemas.ts'
import { PullFailure } from '../failure.ts'
import { describeFleetTrouble } from './describe-fleet-trouble.ts'
import { describeQuota } from './describe-quota.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print } from './print.ts'
import { serverAddress } from './server-address.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { table } from './table.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Examples:
  slipway status
  SLIPWAY_URL=https://models.example.com slipway status --json
`

const EXIT_CODES_HELP = exitCodesHelp({})

/** So many models are asked about at a time. */
const AT_ONCE = 10

/** `slipway status`. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show the state of the server, its models and their tags')
    .option('--json', 'print one JSON object; "models" and "fleet" are null if the server cannot tell')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((options: { json?: true }) =>
      withServer(async (client) => {
        const status = await readStatus(client)
        if (options.json === true) await printJsonStatus(client, status)
        else await printStatus(client, status)
      }),
    )
}

async function printJsonStatus(client: ApiClient, status: KnownStatus): Promise<void> {
  let models: Awaited<ReturnType<typeof taggedModels>> | null = null
  try {
    models = await taggedModels(client)
    const trouble = await readFleetTrouble(client)
    print(jsonLine({ ...status, models, fleet: trouble && fleetFields(trouble) }))
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error
    print(jsonLine({ ...status, models, fleet: null }))
    throw error
  }
}

function fleetFields({ underWay, takenBack, pausedRollouts, failing, lost, lastLostSeen }: FleetTrouble) {
  return { rolloutsUnderWay: underWay.length, takenBack, pausedRollouts, failing, lost, lastLostSeen }
}

async function printStatus(client: ApiClient, status: KnownStatus): Promise<void> {
  const version = status.version ?? 'of an unknown version'
  print(shownText(`${serverAddress(process.env).url.origin}: slipway ${version}`))
  // A server without its catalog cannot list its models; what it says of itself is the more important then.
  for (const line of statusLines(status)) print(line)
  for (const line of serverLines(status)) print(line)
  const models = await taggedModels(client)
  print('')
  const hasQuotas = models.some(({ quota }) => quota != null)
  const rows = models.map((model) => [
    model.model,
    model.releases.toString(),
    ...(hasQuotas ? [describeQuota(model) ?? '-'] : []),
    model.tags.map(({ tag, release }) => `${tag}${tag === model.defaultTag ? '*' : ''}=${release}`).join(' '),
  ])
  print(table([['MODEL', 'RELEASES', ...(hasQuotas ? ['QUOTA'] : []), 'TAGS (* default)'], ...rows]))
  const trouble = await readFleetTrouble(client)
  const lines = trouble === null ? [] : describeFleetTrouble(trouble)
  if (lines.length > 0) print(['', ...lines].map((line) => shownText(line)).join('\n'))
}

async function taggedModels(client: ApiClient): Promise<(KnownModel & { tags: KnownTag[] })[]> {
  const models = await listModels(client)
  const tagged: (KnownModel & { tags: KnownTag[] })[] = []
  for (let at = 0; at < models.length; at += AT_ONCE) {
    const some = models.slice(at, at + AT_ONCE)
    const found = some.map(async (model) => ({ ...model, tags: await listTags(client, model.model) }))
    tagged.push(...(await Promise.all(found)))
  }
  return tagged
}

/** The servers of a group, one a line; nothing where there is one, on its own. */
function serverLines({ servers = [] }: KnownStatus): string[] {
  if (servers === null) return ['', 'servers: the database does not answer']
  if (servers.length === 0) return []
  const rows = servers.map(({ host, address, version, state, lastSeenAt, behindSeconds, ...is }) => [
    `${shownText(host)}${is.isThis ? '*' : ''}`,
    shownText(address),
    shownText(version),
    state === 'running' ? 'running' : `silent since ${readableTime(lastSeenAt)}`,
    `${behindSeconds} s behind`,
    is.keepsHouse ? 'housekeeper' : '',
  ])
  return ['', table([['SERVER (* answers)', 'ADDRESS', 'VERSION', 'STATE', 'KNOWS', ''], ...rows])]
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
    ...warnings.map(({ message }) => `warning: ${message}`),
  ]
    .filter((line) => line !== '')
    .map((line) => shownText(line))
}
