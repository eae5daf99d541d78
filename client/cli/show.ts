import type { Command } from 'commander'
import { loadingWarnings } from '../../archives/differences/loading-warnings.ts'
import type { Bot } from '../../protocol/bot.ts'
import { DEFAULT_MODEL } from '../../protocol/names.ts'
import { shownText } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import { listBots } from '../api/bots.ts'
import type { KnownRelease, KnownTag } from '../api/known-schemas.ts'
import { listTags } from '../api/tags.ts'
import { PullFailure } from '../failure.ts'
import { readNamedArchive, type NamedArchive } from './archive-argument.ts'
import { describeArchive, describeField, describeWarnings } from './describe-archive.ts'
import { describeSignature } from './describe-signature.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print, printJson } from './print.ts'
import { readableAge } from './readable-age.ts'
import { styled } from './style.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { terminalWidth } from './terminal-width.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Without a tag or number it shows what the model's default tag points at.

Examples:
  slipway show shop@production
  slipway show 'shop#7' --json
  slipway show models/20261123-084606-horizontal-rail.tar.gz
`

const EXIT_CODES_HELP = exitCodesHelp({
  disk: 'the file cannot be read',
  unsound: 'the file is not a sound archive',
  notFound: 'there is no such model, release or tag',
})

/** Bots that are named; of the others only the number is shown. */
const MOST_BOTS = 10

/** What a server knows of a release besides its archive. */
interface ReleaseUse {
  tags: KnownTag[]
  /** Those that run it; undefined where the server does not know bots. */
  bots: Bot[] | undefined
}

/** `slipway show [RELEASE]`. */
export function addShow(program: Command): void {
  program
    .command('show')
    .description('show what a release or an archive is, and which bots run it')
    .argument('[RELEASE]', 'MODEL, MODEL@TAG, MODEL#NUMBER, or a file', DEFAULT_MODEL)
    .option('--all', 'name every intent, response and so on, however many there are')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((text: string, { all, json }: { all?: true; json?: true }) =>
      withServer(async (client, signal) => {
        const archive = await readNamedArchive(text, { client, signal })
        const use = archive.release && (await readUse(client, archive.release))
        if (json === true) {
          printJson(asJson(archive, use))
          return
        }
        const layout = { width: terminalWidth(), ...(all === true && { most: Infinity }) }
        print(
          [
            styled('heading', shownText(archive.name)),
            '',
            ...(archive.release && use ? describeRelease(archive.release, use, layout.width) : []),
            ...describeArchive(archive, layout),
            ...describeWarnings(archive, layout.width),
          ].join('\n'),
        )
      }),
    )
}

async function readUse(client: ApiClient, { model, number }: KnownRelease): Promise<ReleaseUse> {
  const tags = (await listTags(client, model)).filter(({ release }) => release === number)
  return { tags, bots: await botsThatRun(client, model, number) }
}

async function botsThatRun(client: ApiClient, model: string, number: number): Promise<Bot[] | undefined> {
  try {
    return await listBots(client, { model, release: number.toString() })
  } catch (error) {
    // Older servers know no bots.
    if (error instanceof PullFailure && error.kind === 'not-found') return undefined
    throw error
  }
}

function asJson({ name, digest, size, facts, release }: NamedArchive, use: ReleaseUse | undefined): object {
  const warnings = [...facts.warnings, ...loadingWarnings(facts, size)]
  if (release === undefined || use === undefined)
    return { file: name, digest, size, archive: facts, warnings }
  return {
    ...release,
    tags: use.tags.map(({ tag }) => tag),
    bots: use.bots?.map(({ bot, state }) => ({ bot, state })) ?? null,
    warnings,
  }
}

function describeRelease(release: KnownRelease, { tags, bots }: ReleaseUse, width: number): string[] {
  const { filename, publishedAt, publishedBy, notes, damagedAt, quarantine } = release
  const signed = describeSignature(release.signature)
  const field = (name: string, text: string): string => describeField(name, text, width)
  const age = readableAge(publishedAt, Date.now())
  return [
    field('file', filename),
    field('published', `${readableTime(publishedAt)} (${age} ago) by ${publishedBy}`),
    ...(signed === undefined ? [] : [field('signed', signed)]),
    ...(notes === '' ? [] : [field('notes', notes)]),
    field('tags', tags.length === 0 ? 'none' : tags.map(({ tag }) => tag).join(', ')),
    ...(bots === undefined ? [] : [field('run by', describeRunners(bots))]),
    ...(quarantine == null
      ? []
      : [field('taken back', `${readableTime(quarantine.at)}: ${quarantine.reason}`)]),
    ...(damagedAt === undefined
      ? []
      : [field('damaged', `since ${readableTime(damagedAt)}: publish the same bytes again to repair it`)]),
  ]
}

function describeRunners(bots: readonly Bot[]): string {
  if (bots.length === 0) return 'no bot'
  const named = bots
    .slice(0, MOST_BOTS)
    .map(({ bot, state }) => (state === 'running' ? bot : `${bot} (${state})`))
  const more = bots.length > MOST_BOTS ? ` and ${bots.length - MOST_BOTS} more` : ''
  return `${bots.length} ${bots.length === 1 ? 'bot' : 'bots'}: ${named.join(', ')}${more}`
}
