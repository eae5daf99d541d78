import type { Command } from 'commander'
import { parseModelReference } from '../../protocol/names.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import { jsonLine, shownText } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import { listModels } from '../api/releases.ts'
import { readHoldUp } from '../api/read-hold-up.ts'
import { listRollouts, readRollout, steerRollout, type RolloutCommand } from '../api/rollouts.ts'
import type { TagAddress } from '../api/tags.ts'
import { PullFailure } from '../failure.ts'
import { describeRollout, describeRollouts } from './describe-rollout.ts'
import { exitCodesHelp } from './exit-code.ts'
import { countFromOne } from './option-values.ts'
import { rolloutPicture } from './picture/rollout-picture.ts'
import { waitingHelp, resumedInVain } from './waiting-help.ts'
import { print } from './print.ts'
import { modelName, tagAddress } from './references.ts'
import { watch, type Look } from './watch.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Without a tag it lists the last rollout of each tag.
Examples:
  slipway rollout
  slipway rollout shop@production --watch     until it ends
  slipway rollout pause shop@production       no further bot gets it
  slipway rollout abort shop@production       take it back from every bot
`

const EXIT_CODES_HELP = exitCodesHelp({
  notFound: 'there is no such model, or the tag never had a rollout',
  conflict: 'the rollout has ended, or cannot do that now',
})

/** So many of the last rollouts of a model are looked through for the last one of each tag. */
const MOST_LISTED = 200

const COMMANDS: Record<RolloutCommand, string> = {
  pause: 'send the release to no further bot; those that have it keep it',
  resume: 'continue after a pause',
  advance: 'go to the next step without waiting for this one, nor later for its bots that failed',
  abort: 'stop, and take the release back from every bot',
  retry: "forget failures, offer the release again, and restart the step's deadline",
}

/** `slipway rollout [MODEL@TAG]` and `slipway rollout COMMAND MODEL@TAG`. */
export function addRollout(program: Command): void {
  const rollout = program
    .command('rollout')
    .description('show the progress of rollouts, or control one')
    .argument('[MODEL@TAG]', 'one tag; or a model, for all its tags')
    .option('--watch', 'keep showing it; with a tag, until its rollout ends')
    .option('--json', 'print one JSON object per rollout')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string | undefined, { watch: isWatched, json }: { watch?: true; json?: true }) =>
      withServer(async (client, signal) => {
        const look = lookAt(client, where, json === true, isWatched === true)
        const isScreen = json !== true && process.stdout.isTTY
        if (isWatched === true) {
          await watch({ client, look, signal, isScreen })
          return
        }
        const { text } = await look()
        if (text !== '') print(text)
      }),
    )
  for (const [name, summary] of Object.entries(COMMANDS)) addCommand(rollout, name as RolloutCommand, summary)
}

interface SteeringOptions {
  reason?: string
  now?: true
  step?: number
  rollout?: string
  json?: true
}

function addCommand(rollout: Command, name: RolloutCommand, summary: string): void {
  const command = rollout
    .command(name)
    .description(summary)
    .argument('<MODEL@TAG>', 'the tag')
    .option('--reason <text>', 'kept with the rollout')
    .addHelpText('after', EXIT_CODES_HELP)
  command.option('--rollout <id>', 'only this one, as --json names it, and no later one of the tag')
  if (name === 'abort') command.option('--now', 'all bots at once, without --max-updating and --drain')
  if (name === 'advance' || name === 'retry')
    command.option('--step <number>', 'only while this step is under way, from 1', countFromOne)
  command.option('--json', 'print the rollout as JSON')
  command.action((where: string, _: unknown, itself: Command) =>
    withServer(async (client) => {
      // `--json` belongs to `rollout` as well, which takes it first.
      const { reason, now, step, rollout: id, json } = itself.optsWithGlobals<SteeringOptions>()
      const found = await findRollout(client, tagAddress(where), id)
      const steered = await steerRollout(client, found, name, {
        reason,
        now,
        ...(step === undefined ? {} : { step: step - 1 }),
      })
      print(json === true ? jsonLine(steered) : describeRollout(steered, Date.now()))
      if (name === 'resume') for (const line of resumedInVain(found)) console.error(line)
    }),
  )
}

/** @param id undefined: the last rollout of the tag. @throws PullFailure `not-found`; what the server answers */
async function findRollout(
  client: ApiClient,
  { model, tag }: TagAddress,
  id: string | undefined,
): Promise<RolloutSummary> {
  if (id === undefined) {
    const [last] = await listRollouts(client, model, tag, 1)
    if (last === undefined) throw new PullFailure('not-found', `${model}@${tag} never had a rollout`)
    return last
  }
  const named = await readRollout(client, model, id)
  if (named.tag !== tag) throw new PullFailure('not-found', `rollout ${id} is one of ${model}@${named.tag}`)
  return named
}

function lookAt(
  client: ApiClient,
  where: string | undefined,
  json: boolean,
  isWatched: boolean,
): () => Promise<Look> {
  const { model, tag } =
    where === undefined ? {} : (parseModelReference(where) ?? { model: modelName(where) })
  if (model !== undefined && tag !== undefined)
    return () => lookAtTag(client, { model, tag }, json, isWatched)
  const shown = new Map<string, string>()
  return async () => {
    const rollouts = await lastRollouts(client, model)
    if (!json) {
      return {
        text: describeRollouts(rollouts),
        draw: (now, style) => rollouts.flatMap((rollout) => [...rolloutPicture(rollout, style, now), []]),
      }
    }
    const lines = rollouts.map(jsonLine).filter((line, index) => {
      const key = `${rollouts[index]?.model}@${rollouts[index]?.tag}`
      if (shown.get(key) === line) return false
      shown.set(key, line)
      return true
    })
    return { text: lines.join('\n') }
  }
}

async function lookAtTag(
  client: ApiClient,
  { model, tag }: { model: string; tag: string },
  json: boolean,
  isWatched: boolean,
): Promise<Look> {
  const last = await findRollout(client, { model, tag }, undefined)
  const isLast = last.endedAt !== null
  if (json) return { text: jsonLine(last), isLast }
  const rollout = await readRollout(client, model, last.id)
  // Text that is watched is printed anew whenever it differs.
  const described = describeRollout(rollout, isWatched ? undefined : Date.now())
  const holdUp = isWatched ? undefined : await readHoldUp(client, rollout)
  const text = holdUp === undefined ? described : `${described}\n\nwarning: ${shownText(holdUp, 2000)}`
  const [, ...details] = text.split('\n\n')
  return {
    text,
    isLast,
    draw: (now, style) => [
      ...rolloutPicture(rollout, style, now),
      ...waitingHelp(rollout, isWatched).map((line) => [{ text: `  ${line}` }]),
      [],
      ...details.flatMap((part) => part.split('\n').map((line) => [{ text: line }])),
    ],
  }
}

/** The last rollout of each tag, the last begun first. */
async function lastRollouts(client: ApiClient, model: string | undefined): Promise<RolloutSummary[]> {
  const models = model === undefined ? (await listModels(client)).map((each) => each.model) : [model]
  const found: RolloutSummary[] = []
  for (const each of models) {
    const tags = new Set<string>()
    for (const rollout of await listRollouts(client, each, undefined, MOST_LISTED)) {
      if (!tags.has(rollout.tag)) found.push(rollout)
      tags.add(rollout.tag)
    }
  }
  return found.toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))
}
