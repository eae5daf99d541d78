import { sql, type Insertable, type Selectable, type SelectQueryBuilder } from 'kysely'
import { keyOf } from '../../fleet/key-of.ts'
import type { ProcessRecord } from '../../fleet/process-record.ts'
import type {
  BotName,
  FleetChanges,
  FleetReader,
  FleetWriter,
  ProcessName,
  ProcessSeen,
  StoredBot,
  StoredProcess,
} from '../fleet.ts'
import { answeringRow, ONE_DATABASE, revisionsOf } from './answering.ts'
import type { BotRow, CatalogDb, CatalogTables, ProcessRow } from './catalog-tables.ts'
import {
  findChanges,
  findFleetRevision,
  findFleetRevisions,
  noteForgotten,
  raiseFleetRevision,
} from './fleet-changes.ts'
import { inParts } from '../in-parts.ts'

/** Answers the questions about bots and their processes in SQL. */
export function fleetReader(db: CatalogDb, database = ONE_DATABASE): FleetReader {
  return {
    async listProcesses({ limit, cursor }) {
      const rows = await db
        .selectFrom('processes')
        .selectAll()
        .$if(cursor !== undefined, (query) => {
          const { model = '', bot = '', process = '' } = cursor ?? {}
          return query.where(sql<boolean>`(model, bot, process) > (${sql.join([model, bot, process])})`)
        })
        .orderBy('model')
        .orderBy('bot')
        .orderBy('process')
        .limit(limit)
        .execute()
      return rows.map(storedProcessOf)
    },

    async listLastSeen(since) {
      const last = new Map<string, string>()
      for (const column of ['digest', 'offered_digest'] as const) {
        const rows = await db
          .selectFrom('processes')
          .select(({ fn }) => [`${column} as digest`, fn.max('last_seen').as('lastSeen')])
          .where(column, 'is not', null)
          .where('last_seen', '>=', Date.parse(since))
          .groupBy(column)
          .execute()
        for (const { digest, lastSeen } of rows) {
          const seen = new Date(lastSeen).toISOString()
          if (digest !== null && seen > (last.get(digest) ?? '')) last.set(digest, seen)
        }
      }
      return last
    },

    findBots: (bots) => findBots(db, bots),

    async findProcesses(processes) {
      const found: StoredProcess[] = []
      for (const part of inParts(processes)) {
        const rows = await db.selectFrom('processes').selectAll().where(isOneOf(part)).execute()
        found.push(...rows.map(storedProcessOf))
      }
      return found
    },

    listHeard: async ({ since }) => ({ heard: await selectHeard(db, since).execute(), mark: undefined }),

    async listFleetRevisions() {
      const rows = await db
        .selectFrom(answeringRow(database))
        .leftJoin('fleets', (join) => join.onTrue())
        .select(['database', 'model', 'revision'])
        .execute()
      return revisionsOf(rows)
    },

    findFleetRevision: (model) => findFleetRevision(db, model),

    async listFleetChanges(model, after) {
      const revision = await findFleetRevision(db, model)
      if (revision <= after) return { ...NO_CHANGES, revision }
      const changes = await listChanges(db, [model], after)
      return { ...NO_CHANGES, ...changes.get(model), revision }
    },

    async listFleets(models) {
      const fleets = new Map<string, FleetChanges>()
      for (const part of inParts(models)) {
        // Before the rows: what is committed meanwhile is not taken for known.
        const revisions = await findFleetRevisions(db, part)
        const changes = await listChanges(db, [...revisions.keys()], 0)
        for (const model of part) {
          fleets.set(model, { ...NO_CHANGES, ...changes.get(model), revision: revisions.get(model) ?? 0 })
        }
      }
      return fleets
    },
  }
}

type Changes = Omit<FleetChanges, 'revision'>

const NO_CHANGES: Changes = { processes: [], bots: [], forgotten: [] }

/** What changed behind a number, by model; models of which nothing did are left out. */
async function listChanges(
  db: CatalogDb,
  models: readonly string[],
  after: number,
): Promise<Map<string, Changes>> {
  if (models.length === 0) return new Map()
  const { rows, forgotten } = await findChanges(db, models, after)
  const processes = rows.map(storedProcessOf)
  const names = new Map(processes.map(({ model, bot }) => [keyOf(model, bot), { model, bot }]))
  const byModel = {
    processes: Map.groupBy(processes, ({ model }) => model),
    bots: Map.groupBy(await findBots(db, [...names.values()]), ({ model }) => model),
    forgotten: Map.groupBy(forgotten, ({ model }) => model),
  }
  const changed = new Set([...byModel.processes.keys(), ...byModel.forgotten.keys()])
  return new Map(
    Array.from(changed, (model) => [
      model,
      {
        processes: byModel.processes.get(model) ?? [],
        bots: byModel.bots.get(model) ?? [],
        forgotten: (byModel.forgotten.get(model) ?? []).map(({ process }) => process),
      },
    ]),
  )
}

/** When processes were heard that were not heard before then last. @param since Milliseconds since 1970. */
export function selectHeard(
  db: CatalogDb,
  since: number,
): SelectQueryBuilder<CatalogTables, 'processes', ProcessSeen> {
  return db
    .selectFrom('processes')
    .select(['model', 'process', 'last_seen as lastSeen'])
    .where('last_seen', '>=', since)
}

async function findBots(db: CatalogDb, bots: readonly BotName[]): Promise<StoredBot[]> {
  const found: StoredBot[] = []
  for (const part of inParts(bots)) {
    const rows = await db.selectFrom('bots').selectAll().where(isOneOfBots(part)).execute()
    found.push(...rows.map(storedBotOf))
  }
  return found
}

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

function isOneOfBots(bots: readonly BotName[]) {
  return sql<boolean>`(model, bot) in (${pairs(bots.map(({ model, bot }) => [model, bot]))})`
}

function isOneOf(processes: readonly ProcessName[]) {
  return sql<boolean>`(model, process) in (${pairs(processes.map(({ model, process }) => [model, process]))})`
}

function pairs(values: readonly (readonly [string, string])[]) {
  return sql`values ${sql.join(values.map(([one, other]) => sql`(${one}, ${other})`))}`
}

function rowOfProcess({ model, bot, record }: StoredProcess): Insertable<ProcessRow> {
  const { process, tag, digest, offer, lastSeen } = record
  return {
    model,
    process,
    bot,
    tag,
    digest,
    offered_digest: offer?.digest ?? null,
    last_seen: lastSeen,
    record: JSON.stringify(record),
  }
}

function storedProcessOf({ model, bot, last_seen, record }: Selectable<ProcessRow>): StoredProcess {
  const { lastSeen, ...rest } = JSON.parse(record) as ProcessRecord
  return { model, bot, record: { ...rest, lastSeen: Math.max(lastSeen, last_seen) } }
}

function rowOfBot({ model, bot, provenAt, settledAt, lastFreshAt, hints }: StoredBot): BotRow {
  return {
    model,
    bot,
    proven_at: provenAt,
    settled_at: settledAt,
    last_fresh_at: lastFreshAt,
    hints: JSON.stringify(hints),
  }
}

function storedBotOf({ model, bot, proven_at, settled_at, last_fresh_at, hints }: BotRow): StoredBot {
  return {
    model,
    bot,
    provenAt: proven_at,
    settledAt: settled_at,
    lastFreshAt: last_fresh_at,
    hints: JSON.parse(hints) as StoredBot['hints'],
  }
}
