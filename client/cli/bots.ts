import { Option, type Command } from 'commander'
import { botState, type Bot } from '../../protocol/bot.ts'
import { jsonLine, shownText } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import { listBots, readBot } from '../api/bots.ts'
import { PullFailure } from '../failure.ts'
import { describeBot, describeBots, worstFirst } from './describe-bots.ts'
import { exitCodesHelp } from './exit-code.ts'
import { countFromOne } from './option-values.ts'
import { fleetPicture } from './picture/fleet-picture.ts'
import { print } from './print.ts'
import { readTags } from './read-tags.ts'
import { usageError } from './usage-error.ts'
import { watch, type Look } from './watch.ts'
import { withServer } from './with-server.ts'

interface BotsOptions {
  model?: string
  tag?: string
  state?: string
  release?: number
  watch?: true
  json?: true
}

const EXAMPLES = `
A bot is what shares a name: \`params: {instance: \${HOSTNAME}}\` in
endpoints.yml, else its token's name, else its address.

Examples:
  slipway bots --state failing
  slipway bots --model shop --watch
  slipway bots pod-3              what it runs, its processes, and what happened to it
`

const EXIT_CODES_HELP = exitCodesHelp({ notFound: 'there is no such bot' })

/** `slipway bots [BOT]`. */
export function addBots(program: Command): void {
  program
    .command('bots')
    .description('show what each bot runs and its state, or one bot with its history')
    .argument('[BOT]', 'one bot by its name')
    .option('--model <name>', 'only bots of this model')
    .option('--tag <name>', 'only bots that poll this tag')
    .addOption(new Option('--state <state>', 'bots in this state').choices(botState.options))
    .option('--release <n>', 'only bots that run this release', countFromOne)
    .option('--watch', 'keep showing it')
    .option('--json', 'one bot as JSON a line; with --watch, those that have changed')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((name: string | undefined, options: BotsOptions) =>
      withServer(async (client, signal) => {
        const look = name === undefined ? lookAtBots(client, options) : await lookAtBot(client, name, options)
        const isScreen = options.json !== true && process.stdout.isTTY
        if (options.watch === true) {
          await watch({ client, look, signal, isScreen })
          return
        }
        const { text } = await look()
        if (text !== '') print(text)
      }),
    )
}

function lookAtBots(
  client: ApiClient,
  { watch: isWatched, json, release, ...filter }: BotsOptions,
): () => Promise<Look> {
  const query = { ...filter, release: release?.toString() }
  const isNarrowed = Object.values(query).some((value) => value !== undefined)
  const shown = new Map<string, string>()
  return async () => {
    const bots = await listBots(client, query)
    if (json !== true) {
      const text = describeBots(bots, Date.now(), isNarrowed)
      // What only some bots say is no picture of a tag.
      const isPart = filter.state !== undefined || query.release !== undefined
      return isWatched !== true || isPart || !process.stdout.isTTY
        ? { text }
        : { text, draw: await pictureOf(client, bots, filter) }
    }
    const changed = bots.filter((bot) => {
      const key = `${bot.model}\n${bot.bot}`
      const standing = standingOf(bot)
      if (shown.get(key) === standing) return false
      shown.set(key, standing)
      return true
    })
    return { text: changed.map(jsonLine).join('\n') }
  }
}

/** The picture of the fleet, and below it the bots in rows. */
async function pictureOf(
  client: ApiClient,
  bots: readonly Bot[],
  filter: Pick<BotsOptions, 'model' | 'tag'>,
): Promise<NonNullable<Look['draw']>> {
  const fleet = { ...(await readTags(client, filter)), bots }
  const worst = worstFirst(bots)
  return (now, style) => {
    // How many there are in all stands with the tags.
    const [, , ...rows] = describeBots(worst.slice(0, style.rows), now).split('\n')
    return [...fleetPicture(fleet, now, style), [], ...rows.map((text) => [{ text }])]
  }
}

/** What a bot does, without what every poll changes. */
function standingOf({ lastSeen: _, interval: __, ...standing }: Bot): string {
  return JSON.stringify(standing)
}

async function lookAtBot(
  client: ApiClient,
  name: string,
  { model, tag, state, release, json }: BotsOptions,
): Promise<() => Promise<Look>> {
  if (tag !== undefined || state !== undefined || release !== undefined) {
    throw usageError(
      '--tag, --state and --release filter the list of all bots; with BOT, only --model can be used',
    )
  }
  const found = model ?? (await modelOfBot(client, name))
  return async () => {
    const bot = await readBot(client, found, name)
    return { text: json === true ? jsonLine(bot) : describeBot(bot, Date.now()) }
  }
}

/** The model of a bot that was named without one. */
async function modelOfBot(client: ApiClient, name: string): Promise<string> {
  const found = (await listBots(client, {})).filter(({ bot }) => bot === name)
  const [first, ...others] = found.map(({ model }) => model)
  if (first === undefined) {
    throw new PullFailure(
      'not-found',
      `no bot named "${shownText(name)}" has polled; slipway bots lists those that have`,
    )
  }
  if (others.length === 0) return first
  throw usageError(
    `several models have a bot "${shownText(name)}": say --model ${[first, ...others].join(' or --model ')}`,
  )
}
