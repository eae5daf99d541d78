import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Rows as this migration finds and leaves them; the program's own types may change. */
interface Tables {
  models: { model: string; default_tag: string }
  sightings: { process: string; digest: string; model: string; last_seen: string }
  bots: {
    model: string
    bot: string
    proven_at: number
    settled_at: null
    last_fresh_at: null
    hints: string
  }
  processes: {
    model: string
    process: string
    bot: string
    tag: string
    digest: string
    offered_digest: null
    last_seen: number
    record: string
  }
}

/**
 * Makes processes of sightings: each with what it was seen running last. It counts as having loaded that; the name of its
 * bot comes with its next poll. Never to be changed: what comes later is a migration of its own.
 */
export const sightingsToProcesses: Migration = {
  async up(db: Kysely<unknown>) {
    const tables = db as Kysely<Tables>
    for (const { model, default_tag: tag } of await tables.selectFrom('models').selectAll().execute()) {
      const sightings = await tables
        .selectFrom('sightings')
        .selectAll()
        .where('model', '=', model)
        .orderBy('last_seen')
        .execute()
      const last = new Map(sightings.map((sighting) => [sighting.process, sighting]))
      for (const sighting of last.values()) await addProcess(tables, { ...sighting, tag })
    }
    await db.schema.dropTable('sightings').execute()
  },
}

async function addProcess(
  db: Kysely<Tables>,
  { model, process, digest, tag, last_seen }: Tables['sightings'] & { tag: string },
): Promise<void> {
  const at = Date.parse(last_seen)
  const record = {
    process,
    tag,
    source: { instance: null, token: null, address: '' },
    firstSeen: at,
    lastSeen: at,
    lostAt: null,
    digest,
    since: at,
    polls: 1,
    loadSeconds: null,
    provenAt: at,
    offer: null,
    standing: 'in-sync',
    drainingSince: null,
    steady: false,
    gaps: [],
    failures: [],
    replacedBy: null,
    replaces: null,
    quickRepeats: 0,
    hints: {},
  }
  const bot = process
  await db
    .insertInto('bots')
    .values({ model, bot, proven_at: at, settled_at: null, last_fresh_at: null, hints: '{}' })
    .execute()
  await db
    .insertInto('processes')
    .values({
      model,
      process,
      bot,
      tag,
      digest,
      offered_digest: null,
      last_seen: at,
      record: JSON.stringify(record),
    })
    .execute()
}
