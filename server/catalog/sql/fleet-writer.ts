import { sql, type Insertable } from 'kysely'
import type { BotName, FleetWriter } from '../fleet.ts'
import type { BotRow, CatalogDb, ProcessRow } from './catalog-tables.ts'
import { noteForgotten, raiseFleetRevision } from './fleet-changes.ts'
import { isOneOf, isOneOfBots, rowOfBot, rowOfProcess } from './fleet-rows.ts'
import { inParts } from '../in-parts.ts'

/** Changes bots and processes in SQL, inside the transaction that it is given. */
export function fleetWriter(db: CatalogDb): FleetWriter {
  return {
    async saveProcesses(processes, revision = 0) {
      const rows = processes.map((process) => ({ ...rowOfProcess(process), revision }))
      for (const part of inParts(rows)) await upsertProcesses(db, part)
    },

    async noteLastSeen(seen) {
      for (const part of inParts(seen)) {
        const rows = part.map(
          ({ model, process, lastSeen }) => sql`(${model}, ${process}, cast(${lastSeen} as bigint))`,
        )
        await sql`with seen (model, process, at) as (values ${sql.join(rows)})
          update processes set last_seen = seen.at from seen
          where processes.model = seen.model and processes.process = seen.process
            and processes.last_seen < seen.at`.execute(db)
      }
      return undefined
    },

    async saveBots(bots) {
      for (const part of inParts(bots.map(rowOfBot))) await upsertBots(db, part)
    },

    async forgetProcesses(processes, change) {
      if (change !== undefined) await noteForgotten(db, processes, change)
      for (const part of inParts(processes)) {
        const bots = await db.selectFrom('processes').select(['model', 'bot']).where(isOneOf(part)).execute()
        await db.deleteFrom('processes').where(isOneOf(part)).execute()
        // A look at each of 100,000 bots takes 0.2 s, and with invented names this comes with every batch.
        for (const some of inParts(bots)) await dropEmptyBots(db, some)
      }
    },

    async forgetSilentProcesses(before) {
      await db.deleteFrom('processes').where('last_seen', '<', before).execute()
      await db.deleteFrom('forgotten_processes').where('at', '<', before).execute()
      await dropEmptyBots(db)
    },

    raiseFleetRevision: (model) => raiseFleetRevision(db, model),
  }
}

async function upsertProcesses(db: CatalogDb, rows: readonly Insertable<ProcessRow>[]): Promise<void> {
  await db
    .insertInto('processes')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['model', 'process']).doUpdateSet((eb) => ({
        bot: eb.ref('excluded.bot'),
        tag: eb.ref('excluded.tag'),
        digest: eb.ref('excluded.digest'),
        offered_digest: eb.ref('excluded.offered_digest'),
        // Another server may have heard it since.
        last_seen: sql<number>`case when excluded.last_seen > processes.last_seen
          then excluded.last_seen else processes.last_seen end`,
        record: eb.ref('excluded.record'),
        revision: eb.ref('excluded.revision'),
      })),
    )
    .execute()
}

async function upsertBots(db: CatalogDb, rows: readonly BotRow[]): Promise<void> {
  await db
    .insertInto('bots')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['model', 'bot']).doUpdateSet((eb) => ({
        proven_at: eb.ref('excluded.proven_at'),
        settled_at: eb.ref('excluded.settled_at'),
        last_fresh_at: eb.ref('excluded.last_fresh_at'),
        hints: eb.ref('excluded.hints'),
      })),
    )
    .execute()
}

/** @param among Those that may be empty; any by default. */
async function dropEmptyBots(db: CatalogDb, among?: readonly BotName[]): Promise<void> {
  const isAmong = among === undefined ? sql`true` : isOneOfBots(among)
  await sql`delete from bots where ${isAmong} and not exists (
    select 1 from processes where processes.model = bots.model and processes.bot = bots.bot
  )`.execute(db)
}
