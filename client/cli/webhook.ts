import { Option, type Command } from 'commander'
import { eventType, type EventType } from '../../protocol/event.ts'
import { jsonLine, shownText } from '../../protocol/shown-text.ts'
import { deliveryState, webhookFormat } from '../../protocol/webhook.ts'
import type { Webhook, WebhookChange, WebhookFormat, WebhookWithSecret } from '../../protocol/webhook.ts'
import type { ApiClient } from '../api/api-client.ts'
import {
  addWebhook as add,
  changeWebhook,
  listDeliveries,
  listWebhooks,
  removeWebhook,
  retryDelivery,
  testWebhook,
} from '../api/webhooks.ts'
import { describeDeliveries, describeTest, describeWebhooks } from './describe-webhooks.ts'
import { EXIT, exitCodesHelp } from './exit-code.ts'
import { PullFailure } from '../failure.ts'
import { countFromOne } from './option-values.ts'
import { print, printJson } from './print.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Examples:
  slipway webhook add https://hooks.slack.com/services/… --format slack
  slipway webhook add https://ops.example.com/slipway --event rollout.changed --event load.failed
  slipway webhook test 1
  slipway webhook deliveries 1 --state dead
  slipway webhook retry 1                      sends all dead deliveries again
`

const MEANINGS = {
  notFound: 'there is no such webhook or delivery',
  conflict: 'the delivery is not one that can be sent again',
}

const EXIT_CODES_HELP = exitCodesHelp(MEANINGS)

/** So many dead deliveries are kept of a webhook. */
const MOST_DEAD = 1_000

interface WebhookOptions {
  name?: string
  format?: WebhookFormat
  event?: EventType[]
  model?: string[]
}

interface ChangeOptions extends WebhookOptions {
  url?: string
  allModels?: true
  enable?: true
  disable?: true
  newSecret?: true
  json?: true
}

/** `slipway webhook add | list | change | test | deliveries | retry | remove`. */
export function addWebhook(program: Command): void {
  const webhook = program
    .command('webhook')
    .description('send events to Slack, Teams or a program of yours, and see what arrived')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
  addAdd(webhook)
  addList(webhook)
  addChange(webhook)
  addTest(webhook)
  addDeliveries(webhook)
  addRetry(webhook)
  addRemove(webhook)
}

function withFilter(command: Command): Command {
  return command
    .option('--name <text>', 'what people call it')
    .addOption(new Option('--format <format>', 'what is sent').choices(webhookFormat.options))
    .addOption(new Option('--event <type...>', 'types of events').choices(eventType.options))
    .option('--model <name...>', 'events of these models only')
    .option('--json', 'print the webhook as JSON')
    .addHelpText('after', EXIT_CODES_HELP)
}

function addAdd(webhook: Command): void {
  withFilter(webhook.command('add').description('add a webhook, and print its secret once'))
    .argument('<URL>', 'where events are sent')
    .action((url: string, { event, model, name, format, json }: ChangeOptions) =>
      withServer(async (client) => {
        showWithSecret(
          await add(client, { url, ...given({ name, format, events: event, models: model }) }),
          json,
        )
      }),
    )
}

function addList(webhook: Command): void {
  webhook
    .command('list')
    .description('list the webhooks and how their deliveries are')
    .option('--json', 'print one webhook as JSON a line')
    .addHelpText('after', EXIT_CODES_HELP)
    .action(({ json }: { json?: true }) =>
      withServer(async (client) => {
        const webhooks = await listWebhooks(client)
        if (json === true) for (const each of webhooks) printJson(each)
        else print(describeWebhooks(webhooks, Date.now()))
      }),
    )
}

function addChange(webhook: Command): void {
  withFilter(webhook.command('change').description('change a webhook; what is not named stays'))
    .argument('<ID>', 'the webhook')
    .option('--url <url>', 'where events are sent')
    .option('--all-models', 'events of every model')
    .option('--enable', 'send it what waits, and what happens')
    .option('--disable', 'send it nothing, and let nothing new wait for it')
    .option('--new-secret', 'draw a new secret; the old one signs beside it for a day')
    .action((id: string, options: ChangeOptions) =>
      withServer(async (client) => {
        const change = changeOf(options)
        if (Object.keys(change).length === 0) throw usageError('say what is to be changed: see --help')
        showWithSecret(await changeWebhook(client, id, change), options.json)
      }),
    )
}

function changeOf(options: ChangeOptions): WebhookChange {
  const { url, name, format, event, model, allModels, enable, disable, newSecret } = options
  if (enable === true && disable === true) throw usageError('--enable and --disable contradict each other')
  if (allModels === true && model !== undefined)
    throw usageError('--all-models and --model contradict each other')
  return given({
    url,
    name,
    format,
    events: event,
    newSecret,
    models: allModels === true ? null : model,
    enabled: enable === true ? true : disable === true ? false : undefined,
  })
}

function addTest(webhook: Command): void {
  webhook
    .command('test')
    .description('send a test now, and show what the receiver answers')
    .argument('<ID>', 'the webhook')
    .option('--json', 'print what came of it as JSON')
    .addHelpText('after', exitCodesHelp({ ...MEANINGS, failed: 'the receiver did not take it' }))
    .action((id: string, { json }: { json?: true }) =>
      withServer(async (client) => {
        const result = await testWebhook(client, id)
        print(json === true ? jsonLine(result) : describeTest(result))
        return result.delivered ? EXIT.done : EXIT.failed
      }),
    )
}

function addDeliveries(webhook: Command): void {
  webhook
    .command('deliveries')
    .description('list what was sent, what waits and what was given up')
    .argument('<ID>', 'the webhook')
    .addOption(new Option('--state <state>', 'only these').choices(deliveryState.options))
    .option('--limit <n>', 'how many at most', countFromOne, 20)
    .option('--json', 'print one delivery as JSON a line')
    .addHelpText('after', EXIT_CODES_HELP)
    .action((id: string, { state, limit, json }: { state?: string; limit: number; json?: true }) =>
      withServer(async (client) => {
        const deliveries = await listDeliveries(client, id, state, limit)
        if (json === true) for (const each of deliveries) printJson(each)
        else print(describeDeliveries(deliveries))
      }),
    )
}

function addRetry(webhook: Command): void {
  webhook
    .command('retry')
    .description('send dead deliveries again, the oldest first')
    .argument('<ID>', 'the webhook')
    .argument('[DELIVERY]', 'one of them; all without')
    .addHelpText('after', EXIT_CODES_HELP)
    .action((id: string, delivery: string | undefined) =>
      withServer(async (client) => {
        const queued =
          delivery === undefined
            ? await retryEveryDead(client, id)
            : await retryDelivery(client, id, delivery).then(() => 1)
        print(`${queued} ${queued === 1 ? 'delivery waits' : 'deliveries wait'} to be sent again`)
      }),
    )
}

/** Has all that was given up sent again. @returns how many; what somebody else sent again meanwhile is not among them */
async function retryEveryDead(client: ApiClient, id: string): Promise<number> {
  const dead = await listDeliveries(client, id, 'dead', MOST_DEAD)
  let queued = 0
  for (const { id: delivery } of dead.reverse()) {
    try {
      await retryDelivery(client, id, delivery)
      queued++
    } catch (error) {
      if (!(error instanceof PullFailure) || !['conflict', 'not-found'].includes(error.kind)) throw error
    }
  }
  return queued
}

function addRemove(webhook: Command): void {
  webhook
    .command('remove')
    .description('remove a webhook and all that waits for it')
    .argument('<ID>', 'the webhook')
    .addHelpText('after', EXIT_CODES_HELP)
    .action((id: string) =>
      withServer(async (client) => {
        await removeWebhook(client, id)
        print(`webhook ${shownText(id)} is removed`)
      }),
    )
}

function showWithSecret({ secret, ...webhook }: WebhookWithSecret, json: true | undefined): void {
  if (json === true) {
    printJson({ ...webhook, ...given({ secret }) })
    return
  }
  print(describeWebhooks([webhook satisfies Webhook], Date.now()))
  if (secret !== undefined)
    print(`\nsecret: ${secret}\nIt is shown this once; receivers check signatures with it.`)
}

/** Without what was not given. */
function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }
}
