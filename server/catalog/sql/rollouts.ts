import { sql } from 'kysely'
import type { RolloutPolicy } from '../../../protocol/rollout-policy.ts'
import type { Rollout } from '../../rollouts/rollout.ts'
import { DomainError } from '../../errors/errors.ts'
import type { RolloutReader, RolloutWriter } from '../rollouts.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { raiseFleetRevision } from './fleet-changes.ts'
import { raiseRevision } from './models.ts'
import { noSuchTag } from './refusals.ts'

/** Answers the questions about rollouts in SQL. */
export function rolloutReader(db: CatalogDb): RolloutReader {
  const rollouts = () => db.selectFrom('rollouts').select('body').where('body', '!=', RESERVED)
  return {
    async listRolloutsUnderWay(only) {
      if (only?.length === 0) return []
      const rows = await rollouts()
        .where('ended_at', 'is', null)
        .$if(only !== undefined, (query) => query.where('model', 'in', [only ?? []].flat()))
        .orderBy('id')
        .execute()
      return rows.map(rolloutOf)
    },

    async findRollout(model, id) {
      if (!/^[1-9]\d{0,14}$/.test(id)) return undefined
      const row = await rollouts().where('model', '=', model).where('id', '=', Number(id)).executeTakeFirst()
      return row && rolloutOf(row)
    },

    async findRolloutUnderWay(model, tag) {
      const row = await rollouts()
        .where('model', '=', model)
        .where('tag', '=', tag)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      return row && rolloutOf(row)
    },

    async listRollouts(model, tag, { limit, cursor }) {
      const rows = await rollouts()
        .where('model', '=', model)
        .$if(tag !== undefined, (query) => query.where('tag', '=', tag ?? ''))
        .$if(cursor !== undefined, (query) => query.where('id', '<', cursor ?? 0))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(rolloutOf)
    },

    async listChangedRollouts(model, after) {
      const rows = await rollouts()
        .where('model', '=', model)
        // As the index says it, which is of no use otherwise.
        .where('revision', '>', sql.lit(0))
        .where('revision', '>', after)
        .orderBy('revision')
        .execute()
      return rows.map(rolloutOf)
    },

    async listTagPolicies(only) {
      const rows = await db
        .selectFrom('tags')
        .select(['model', 'tag', 'policy'])
        .where('policy', 'is not', null)
        .$if(only !== undefined, (query) => query.where('model', '=', only ?? ''))
        .execute()
      return rows.map(({ model, tag, policy }) => ({
        model,
        tag,
        policy: JSON.parse(policy ?? 'null') as RolloutPolicy,
      }))
    },

    async findQuarantine(model, digest) {
      return await db
        .selectFrom('quarantine')
        .select(['at', 'reason'])
        .where('model', '=', model)
        .where('digest', '=', digest)
        .executeTakeFirst()
    },

    async listQuarantine(model) {
      return await db
        .selectFrom('quarantine')
        .select(['digest', 'at', 'reason'])
        .where('model', '=', model)
        .orderBy('at', 'desc')
        .orderBy('digest')
        .execute()
    },
  }
}

/** The body of a row whose rollout is about to begin. */
const RESERVED = ''

/** Changes rollouts in SQL, inside the transaction that it is given. */
export function rolloutWriter(db: CatalogDb): RolloutWriter {
  return {
    async reserveRollout(model, tag, startedAt) {
      const reserved = await db
        .insertInto('rollouts')
        .values({ model, tag, started_at: startedAt, ended_at: null, body: RESERVED })
        // The index `rollouts_under_way`: one that has not ended for each tag.
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst()
      if (reserved === undefined) throw begunAtOnce(model, tag)
      return String(reserved.id)
    },

    async saveRollout(rollout) {
      const revision = await raiseFleetRevision(db, rollout.model)
      await db
        .updateTable('rollouts')
        .set({ ended_at: rollout.endedAt, body: JSON.stringify(rollout), revision })
        .where('id', '=', Number(rollout.id))
        .execute()
    },

    async quarantine(model, digest, { at, reason }) {
      await db
        .insertInto('quarantine')
        .values({ model, digest, at, reason })
        .onConflict((conflict) => conflict.columns(['model', 'digest']).doUpdateSet({ at, reason }))
        .execute()
    },

    async endQuarantine(model, digest) {
      await db.deleteFrom('quarantine').where('model', '=', model).where('digest', '=', digest).execute()
    },

    async setTagPolicy(model, tag, policy) {
      const { numUpdatedRows } = await db
        .updateTable('tags')
        .set({ policy: policy === null ? null : JSON.stringify(policy) })
        .where('model', '=', model)
        .where('tag', '=', tag)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw noSuchTag(model, tag)
      await raiseRevision(db, model)
    },

    async forgetEndedRollouts(before) {
      await db.deleteFrom('rollouts').where('ended_at', '<', before).execute()
    },
  }
}

function rolloutOf({ body }: { body: string }): Rollout {
  return JSON.parse(body) as Rollout
}

/** Whoever tries once more decides by the one that is under way. */
function begunAtOnce(model: string, tag: string): DomainError {
  return new DomainError(
    'catalog-busy',
    `A rollout of "${model}@${tag}" began at the same moment. Nothing was changed; try again in a moment, and restart the server if it stays so.`,
  )
}
