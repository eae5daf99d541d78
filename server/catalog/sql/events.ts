import type { EventReader, EventWriter, StoredEvent } from '../events.ts'
import { sql, type Selectable } from 'kysely'
import type { CatalogDb, EventRow } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'
import { queueForWebhooks } from './webhook-outbox.ts'

/** Answers the questions about events in SQL. */
export function eventReader(db: CatalogDb): EventReader {
  return {
    async listEventsAfter(sequence, limit) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(eventOf)
    },

    async listBotEvents({ model, bot }, { limit, cursor }) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('model', '=', model)
        .where('bot', '=', bot)
        .$if(cursor !== undefined, (query) => query.where('sequence', '<', cursor ?? 0))
        .orderBy('sequence', 'desc')
        .limit(limit)
        .execute()
      return rows.map(eventOf)
    },

    async lastEventSequence() {
      const row = await db
        .selectFrom('events')
        .select(({ fn }) => fn.max('sequence').as('last'))
        .executeTakeFirst()
      return row?.last ?? 0
    },

    async listEventsByBot(model, { bot, sequence }, limit) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('model', '=', model)
        .where((eb) => eb(eb.refTuple('bot', 'sequence'), '>', eb.tuple(bot, sequence)))
        .orderBy('bot')
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(eventOf)
    },
  }
}

/** Some 300 MB. Whoever may poll can invent processes, each of which is an event: age alone would let them fill the disk. */
const MOST_KEPT = 1_000_000

/** Changes events in SQL, inside the transaction that it is given. */
export function eventWriter(db: CatalogDb): EventWriter {
  return {
    async addEvents(events) {
      const rows = events.map(({ body, ...event }) => ({ ...event, body: JSON.stringify(body) }))
      const added: StoredEvent[] = []
      for (const part of inParts(rows)) {
        const numbered = await db.insertInto('events').values(part).returningAll().execute()
        added.push(...numbered.map(eventOf))
      }
      await queueForWebhooks(
        db,
        added.toSorted((one, other) => one.sequence - other.sequence),
      )
      // At most as many as were added: it never takes long.
      if (rows.length > 0) {
        await sql`delete from events
          where sequence <= (select max(sequence) from events) - ${sql.lit(MOST_KEPT)}`.execute(db)
      }
    },

    async forgetEvents(before) {
      await db.deleteFrom('events').where('at', '<', before).execute()
    },
  }
}

function eventOf({ body, ...event }: Selectable<EventRow>): StoredEvent {
  return { ...event, body: JSON.parse(body) as StoredEvent['body'] }
}
