import { findBinaries, startCluster } from '../../test/support/services/postgres.ts'
import { administer, databaseUrl } from '../../test/support/services/shared-postgres.ts'
import { alsoStop } from './start-server.ts'

/** A Postgres with the settings of its distribution, so that it syncs each COMMIT, in a folder of its own below /tmp. */
export interface BenchmarkDatabase {
  readonly port: number
  /** Makes an empty database, and gives its address. */
  database(name: string): Promise<string>
}

/** Starts it; it ends with the measurement. @throws Error where Postgres is not installed */
export async function startDatabase(): Promise<BenchmarkDatabase> {
  const binaries = await findBinaries()
  if (binaries === undefined) throw new Error('PostgreSQL is not installed: run scripts/services')
  const server = await startCluster(binaries, { isDurable: true })
  alsoStop(server.stop)
  return {
    port: server.port,
    async database(name) {
      await administer(server.url, `create database ${name}`)
      return databaseUrl(server.url, name)
    },
  }
}
