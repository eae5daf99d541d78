import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What polls say of processes and bots, what happened, and how promotions reach them. Never to be changed: what comes
 * later is a migration of its own. Moments are milliseconds since 1970.
 */
export const rollouts: Migration = {
  async up(db: Kysely<unknown>) {
    await createFleet(db)
    await createEvents(db)
    await createRollouts(db)
    await db.schema.alterTable('tags').addColumn('policy', 'text').execute()
  },
}

async function createFleet(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('bots')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('bot', 'text', (column) => column.notNull())
    .addColumn('proven_at', 'bigint')
    .addColumn('settled_at', 'bigint')
    .addColumn('last_fresh_at', 'bigint')
    .addColumn('hints', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('bots_key', ['model', 'bot'])
    .execute()
  await db.schema
    .createTable('processes')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('process', 'text', (column) => column.notNull())
    .addColumn('bot', 'text', (column) => column.notNull())
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('digest', 'text')
    .addColumn('offered_digest', 'text')
    .addColumn('last_seen', 'bigint', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('processes_key', ['model', 'process'])
    .execute()
  await db.schema
    .createIndex('processes_by_bot')
    .on('processes')
    .columns(['model', 'bot', 'process'])
    .execute()
  await db.schema.createIndex('processes_by_time').on('processes').column('last_seen').execute()
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('model', 'text')
    .addColumn('tag', 'text')
    .addColumn('bot', 'text')
    .addColumn('process', 'text')
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('events_by_bot').on('events').columns(['model', 'bot', 'sequence']).execute()
  await db.schema.createIndex('events_by_time').on('events').column('at').execute()
}

async function createRollouts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollouts')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('rollouts_by_tag').on('rollouts').columns(['model', 'tag', 'id']).execute()
  await db.schema
    .createIndex('rollouts_under_way')
    .unique()
    .on('rollouts')
    .columns(['model', 'tag'])
    .where('ended_at' as never, 'is', null)
    .execute()
  await db.schema
    .createTable('quarantine')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('quarantine_key', ['model', 'digest'])
    .execute()
}
