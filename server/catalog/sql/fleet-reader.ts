import { sql, type SelectQueryBuilder } from 'kysely'
import { keyOf } from '../../fleet/key-of.ts'
import type { BotName, FleetChanges, FleetReader, ProcessSeen, StoredBot, StoredProcess } from '../fleet.ts'
import { answeringRow, ONE_DATABASE, revisionsOf } from './answering.ts'
import type { CatalogDb, CatalogTables } from './catalog-tables.ts'
import { findChanges, findFleetRevision, findFleetRevisions } from './fleet-changes.ts'
import { isOneOf, isOneOfBots, storedBotOf, storedProcessOf } from './fleet-rows.ts'
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
