import { DatabaseMove } from '../../catalog/postgres/database-move.ts'
import { describeDatabase, type PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import { version } from '../../config/version.ts'
import { databaseFailure } from '../database-failure.ts'
import { movedElsewhere, type MoveSource } from './move-source.ts'

/**
 * Opens a database whose catalog is to be moved, be it while servers run over it. Nothing is changed until it begins.
 *
 * @throws ToolFailure
 */
export async function openDatabaseSource(settings: PostgresSettings): Promise<MoveSource> {
  const explain = (error: unknown) => databaseFailure(settings, error)
  const description = describeDatabase(settings)
  const move = await DatabaseMove.open(settings).catch((error: unknown) => {
    throw explain(error)
  })
  const { concluded, id } = move
  return {
    description,
    move: id,
    concludedBefore: concluded && id,
    explain,
    isServed: () => move.isServed,
    begin(to) {
      if (concluded !== undefined && concluded.to !== to) throw movedElsewhere(description, concluded.to)
      return move.begin(to, version)
    },
    conclude: () => move.conclude(),
    giveUp: () => move.giveUp(),
    // The mark is all that is left here: servers that run over it answer pulls.
    finish: () => Promise.resolve(),
    close: () => move.close(),
  }
}
