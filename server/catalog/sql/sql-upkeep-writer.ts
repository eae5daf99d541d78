import { sql } from 'kysely'
import type { Instant } from '../../time/clock.ts'
import type { DamagedBlob } from '../../blobs/damaged-blobs.ts'
import type { Digest } from '../../releases/release.ts'
import type { Sighting } from '../../fleet/sightings.ts'
import type { TagExport } from '../../exporting/tag-export.ts'
import { numberAfterGap } from '../upkeep-catalog.ts'
import type { SkippedNumbers, TaskProgress, UpkeepWriter } from '../upkeep-catalog.ts'
import { releaseInUse } from './refusals.ts'
import { SqlReader } from './sql-reader.ts'

/** Far below the number of parameters that a statement may have. */
const ROWS_A_STATEMENT = 500

/** Makes the changes of {@link UpkeepWriter} in SQL, inside the transaction that it was given. */
export class SqlUpkeepWriter extends SqlReader implements UpkeepWriter {
  async recordSightings(sightings: readonly Sighting[], mostProcesses: number): Promise<void> {
    const released = new Map<Digest, boolean>()
    for (const { digest } of sightings) {
      if (!released.has(digest)) released.set(digest, await this.isDigestReleased(digest))
    }
    const rows = sightings
      .filter(({ digest }) => released.get(digest))
      .map(({ process, digest, model, lastSeen }) => ({ process, digest, model, last_seen: lastSeen }))
    for (const part of inParts(rows)) {
      await this.db
        .insertInto('sightings')
        .values(part)
        .onConflict((conflict) =>
          conflict
            .columns(['digest', 'process'])
            .doUpdateSet((eb) => ({
              model: eb.ref('excluded.model'),
              last_seen: eb.ref('excluded.last_seen'),
            }))
            .whereRef('excluded.last_seen', '>', 'sightings.last_seen'),
        )
        .execute()
    }
    for (const digest of new Set(rows.map((row) => row.digest))) {
      await sql`delete from sightings where digest = ${digest} and process not in (
        select process from sightings where digest = ${digest} order by last_seen desc limit ${mostProcesses}
      )`.execute(this.db)
    }
  }

  async forgetSightings(before: Instant): Promise<void> {
    await this.db.deleteFrom('sightings').where('last_seen', '<', before).execute()
  }

  async rememberDamagedBlob({ digest, kind, version, damagedAt }: DamagedBlob): Promise<void> {
    const rest = { kind, version, damaged_at: damagedAt }
    await this.db
      .insertInto('damaged_blobs')
      .values({ digest, ...rest })
      .onConflict((conflict) => conflict.column('digest').doUpdateSet(rest))
      .execute()
  }

  async forgetDamagedBlob(digest: Digest): Promise<void> {
    await this.db.deleteFrom('damaged_blobs').where('digest', '=', digest).execute()
  }

  async deleteReleases(model: string, numbers: readonly number[]): Promise<void> {
    if (numbers.length === 0) return
    const tagged = await this.db
      .selectFrom('tags')
      .select(['tag', 'release'])
      .where('model', '=', model)
      .where('release', 'in', numbers)
      .orderBy('tag')
      .limit(1)
      .executeTakeFirst()
    if (tagged !== undefined) throw releaseInUse(model, tagged.release, tagged.tag)
    await this.db.deleteFrom('releases').where('model', '=', model).where('number', 'in', numbers).execute()
    await this.db
      .updateTable('models')
      .set(({ eb }) => ({ revision: eb('revision', '+', 1) }))
      .where('model', '=', model)
      .execute()
  }

  async noteUnusedBlobs(digests: readonly Digest[], since: Instant): Promise<void> {
    for (const part of inParts(digests)) {
      await this.db
        .insertInto('unused_blobs')
        .values(part.map((digest) => ({ digest, since })))
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .execute()
    }
  }

  async forgetUnusedBlobs(digests: readonly Digest[]): Promise<void> {
    for (const part of inParts(digests)) {
      await this.db.deleteFrom('unused_blobs').where('digest', 'in', part).execute()
    }
  }

  async saveTaskProgress(task: string, { position, begunAt, completedAt }: TaskProgress): Promise<void> {
    const rest = { position, begun_at: begunAt, completed_at: completedAt }
    await this.db
      .insertInto('task_progress')
      .values({ task, ...rest })
      .onConflict((conflict) => conflict.column('task').doUpdateSet(rest))
      .execute()
  }

  async rememberExport({ model, tag, exportedAt, ...rest }: TagExport): Promise<void> {
    const columns = { ...rest, exported_at: exportedAt }
    await this.db
      .insertInto('exports')
      .values({ model, tag, ...columns })
      .onConflict((conflict) => conflict.columns(['model', 'tag']).doUpdateSet(columns))
      .execute()
  }

  async skipNumbers(gap: number): Promise<SkippedNumbers[]> {
    const models = await this.db
      .selectFrom('models')
      .select(['model', 'next_number as from'])
      .orderBy('model')
      .execute()
    const skipped = models.map(({ model, from }) => ({ model, from, to: numberAfterGap(from, gap) }))
    for (const { model, to } of skipped) {
      await this.db.updateTable('models').set({ next_number: to }).where('model', '=', model).execute()
    }
    const first_number = numberAfterGap(await this.firstNumber(), gap)
    await this.db
      .insertInto('numbering')
      .values({ id: 1, first_number })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ first_number }))
      .execute()
    return skipped
  }
}

function* inParts<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let begin = 0; begin < rows.length; begin += ROWS_A_STATEMENT) {
    yield rows.slice(begin, begin + ROWS_A_STATEMENT)
  }
}
