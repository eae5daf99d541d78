import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../support/free-port.ts'
import { startChild, type Child } from './child.ts'
import { rasaFolder, type RasaRelease } from './rasa-folder.ts'
import { until } from './until.ts'

/** A real bot that polls for its model. */
export interface RasaBot extends Pick<Child, 'output' | 'stop' | 'kill' | 'freeze'> {
  /** The intent that its current model reads from the words. @throws where it has no model, or none that works. */
  intentOf(words: string): Promise<string>
  /** What it answers to a message of a customer. */
  replyTo(words: string): Promise<string[]>
}

/** A cold bot imports TensorFlow first: half a minute where nothing else runs, several on a busy machine. */
export const coldStartSeconds = 300

/** What may differ between bots. */
interface BotOptions {
  endpoints?: Record<string, unknown>
  env?: Record<string, string>
  /** More arguments of `rasa run`. */
  more?: string[]
  /** Where it listens; a free port otherwise. */
  port?: number
  release?: RasaRelease
}

/**
 * Starts Rasa in `folder`, polling `modelUrl` every two seconds where there is one, and waits until it listens.
 */
export async function startRasaBot(
  folder: string,
  modelUrl: string | undefined,
  { endpoints = {}, env = {}, more = [], port: ownPort, release = '3.6.21' }: BotOptions = {},
): Promise<RasaBot> {
  const rasa = path.join(rasaFolder(release), 'bin/rasa')
  await mkdir(folder, { recursive: true })
  await writeFile(
    path.join(folder, 'endpoints.yml'),
    stringify({
      ...(modelUrl === undefined ? {} : { models: { url: modelUrl, wait_time_between_pulls: 2 } }),
      ...endpoints,
    }),
  )
  const port = ownPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const bot = startChild(
    rasa,
    [
      'run',
      '--enable-api',
      '--debug',
      '--endpoints',
      'endpoints.yml',
      '-p',
      String(port),
      // Rasa 2.8 listens on every address, and cannot be told otherwise.
      ...(release === '2.8.34' ? [] : ['-i', '127.0.0.1']),
      ...more,
    ],
    {
      folder,
      env: {
        RASA_TELEMETRY_ENABLED: 'false',
        SQLALCHEMY_SILENCE_UBER_WARNING: '1',
        TF_CPP_MIN_LOG_LEVEL: '3',
        ...env,
      },
    },
  )
  await until('the bot listens', coldStartSeconds, async () => {
    if (!bot.running()) throw new Error(`the bot ended:\n${bot.output()}`)
    return (await fetch(url)).ok
  })

  return {
    intentOf: async (words) => {
      const answer = (await post(`${url}/model/parse`, { text: words })) as { intent: { name: string } }
      return answer.intent.name
    },
    replyTo: async (words) => {
      const answer = await post(`${url}/webhooks/rest/webhook`, { sender: 'a customer', message: words })
      return (answer as { text: string }[]).map(({ text }) => text)
    },
    output: bot.output,
    stop: bot.stop,
    kill: bot.kill,
    freeze: bot.freeze,
  }
}

async function post(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}
