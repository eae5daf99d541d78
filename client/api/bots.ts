import { botDetailsSchema, type BotDetails } from '../../protocol/bot-details.ts'
import { botSchema, type Bot } from '../../protocol/bot.ts'
import { pageSchema } from '../../protocol/page.ts'
import type { ApiClient } from './api-client.ts'
import { listAll } from './list-all.ts'

const botPage = pageSchema('BotPage', botSchema)

/** Which bots are asked for; what is left out does not matter. */
export interface BotFilter {
  model?: string | undefined
  tag?: string | undefined
  state?: string | undefined
  release?: string | undefined
}

/** The bots of all models, by model and name. */
export function listBots(client: ApiClient, filter: BotFilter, most = Infinity): Promise<Bot[]> {
  return listAll(client, 'api/v1/bots', botPage, most, { ...filter })
}

/** A bot with its processes and what happened to it. */
export function readBot(client: ApiClient, model: string, bot: string): Promise<BotDetails> {
  const path = `api/v1/bots/${encodeURIComponent(bot)}`
  return client.call({ method: 'GET', path, query: { model } }, botDetailsSchema)
}
