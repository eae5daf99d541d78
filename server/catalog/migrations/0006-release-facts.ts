import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Rows as this migration finds and leaves them; the program's own types may change. */
interface Tables {
  models: { model: string }
  releases: { model: string; number: number; archive: string }
  release_facts: { model: string; number: number; facts: string }
}

type Facts = Record<string, unknown> & { cut?: Record<string, number> }

const LISTS = ['intents', 'entities', 'slots', 'responses', 'forms', 'actions', 'pipeline', 'policies']
const MOST_BYTES = 256 * 1024
const MOST_MESSAGES = 20
const LONGEST_MESSAGE = 1_000

/**
 * Moves the lists of what inspection learned out of `releases`, into a table that lists of releases and polls never
 * read, and cuts those that are longer than any honest archive's. Never to be changed: what comes later is a migration
 * of its own.
 */
export const releaseFacts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('release_facts')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('facts', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('release_facts_key', ['model', 'number'])
      .addForeignKeyConstraint('release_facts_release', ['model', 'number'], 'releases', ['model', 'number'])
      .execute()
    const tables = db as Kysely<Tables>
    for (const { model } of await tables.selectFrom('models').select('model').execute()) {
      // One at a time: a row took up to 7 MB, and there may be thousands.
      for (let number = 0; ;) {
        const row = await tables
          .selectFrom('releases')
          .select(['model', 'number', 'archive'])
          .where('model', '=', model)
          .where('number', '>', number)
          .orderBy('number')
          .limit(1)
          .executeTakeFirst()
        if (row === undefined) break
        await divide(tables, row)
        number = row.number
      }
    }
  },
}

async function divide(db: Kysely<Tables>, { model, number, archive }: Tables['releases']): Promise<void> {
  const facts = JSON.parse(archive) as Facts
  const cut: Record<string, number> = { ...facts.cut }
  const summary: Facts = {}
  const lists: Record<string, unknown[]> = {}
  for (const [name, value] of Object.entries(facts)) {
    if (LISTS.includes(name)) lists[name] = value as unknown[]
    else if (name !== 'cut') summary[name] = value
  }
  for (const name of ['warnings', 'accepted']) boundMessages(summary, name, cut)
  for (let length = 512; JSON.stringify(lists).length > MOST_BYTES / 2 && length > 0; length /= 2) {
    for (const [name, list] of Object.entries(lists)) {
      if (list.length <= length) continue
      cut[name] ??= list.length
      lists[name] = list.slice(0, Math.floor(length))
    }
  }
  const rest = Object.keys(cut).length === 0 ? lists : { ...lists, cut }
  await db
    .updateTable('releases')
    .set({ archive: JSON.stringify(summary) })
    .where('model', '=', model)
    .where('number', '=', number)
    .execute()
  await db
    .insertInto('release_facts')
    .values({ model, number, facts: JSON.stringify(rest) })
    .execute()
}

function boundMessages(summary: Facts, name: string, cut: Record<string, number>): void {
  const messages = summary[name]
  if (!Array.isArray(messages)) return
  if (messages.length > MOST_MESSAGES) cut[name] = messages.length
  summary[name] = (messages as { code: string; message: string }[])
    .slice(0, MOST_MESSAGES)
    .map((each) => ({ ...each, message: each.message.slice(0, LONGEST_MESSAGE) }))
}
