import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Client } from 'pg'
import { z } from 'zod'
import type { Connector } from './open-pool.ts'

/** Of the database; whoever has tables in another schema of it hears the same, and knows the schema by name. */
const CHANNEL = 'slipway_news'

/** Until it is tried again to listen, in milliseconds. */
const TRY_AGAIN_MS = 2_000

/** A model that a transaction changed, as its commit tells everybody. */
const newsSchema = z.object({ schema: z.string(), by: z.string(), model: z.string(), revision: z.int() })

/** What was committed by whichever server. */
export interface ModelNews {
  readonly model: string
  readonly revision: number
}

/**
 * A statement for the end of a transaction that changed one model: others are told once it is committed, if its revision rose.
 *
 * @param before Its revision when the transaction began.
 * @param by Which server changes it: that one knows already.
 */
export function notifyServers(model: string, before: number, by: string) {
  return sql`select pg_notify(${CHANNEL}, json_build_object('schema', current_schema(), 'by', ${by}::text, 'model', model, 'revision', revision)::text)
    from models where model = ${model} and revision > ${before}`
}

/**
 * Hears what others committed, sooner than by looking: on a connection of its own, which may be down, or end at a pooler that passes
 * nothing on, without harm, as everybody looks once a second all the same.
 */
export class NewsListener {
  readonly #connector: Connector
  readonly #self: string
  readonly #closing = new AbortController()
  #listening: Promise<void> = Promise.resolve()

  /** @param self As in {@link notifyServers}. */
  constructor(connector: Connector, self: string) {
    this.#connector = connector
    this.#self = self
  }

  /** @param onNews Must not throw. */
  start(onNews: (news: ModelNews) => void): void {
    this.#listening = this.#listen(onNews)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#listening
  }

  async #listen(onNews: (news: ModelNews) => void): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const client = this.#connector.client()
      const ended = new Promise<void>((resolve) => {
        client.once('end', resolve)
        client.on('error', () => {
          resolve()
        })
      })
      const over = new AbortController()
      const closed = new Promise<void>((resolve) => {
        const close = (): void => {
          resolve()
        }
        signal.addEventListener('abort', close, { signal: over.signal })
      })
      const hearing = hear(client, (news) => {
        if (news.by !== this.#self) onNews(news)
      })
      try {
        // A database may accept a connection and never say anything.
        await Promise.race([hearing.then(() => ended), closed])
      } catch {
        // It is looked once a second: that says it where the database is away.
      } finally {
        over.abort()
        hearing.catch(() => undefined)
        await Promise.race([
          client.end().catch(() => undefined),
          delay(CLOSE_TIMEOUT_MS, undefined, { ref: false }),
        ])
      }
      await delay(TRY_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
}

/** A connection that says nothing is left behind after so long. */
const CLOSE_TIMEOUT_MS = 500

async function hear(client: Client, onNews: (news: z.infer<typeof newsSchema>) => void): Promise<void> {
  await client.connect()
  const { rows } = await client.query<{ schema: string }>('select current_schema() as schema')
  const ours = rows[0]?.schema
  client.on('notification', ({ payload = '' }) => {
    const news = newsSchema.safeParse(readJson(payload))
    if (news.success && news.data.schema === ours) onNews(news.data)
  })
  await client.query(`listen ${CHANNEL}`)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
