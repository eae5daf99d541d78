import { startFaultProxy, type FaultProxy } from './fault-proxy.ts'
import { bucketEnvironment } from './server-group.ts'
import { startPostgres, type PostgresServer } from './services/postgres.ts'
import { startVersitygw } from './services/versitygw.ts'
import { startServer, type RunningServer } from './start-server.ts'
import { afterThisTest } from './temporary-directory.ts'

/** A server of a group, which can be cut off from the database. */
export interface FaultyMember {
  readonly running: RunningServer
  /** Between it and the database. */
  readonly database: FaultProxy
}

/** Two servers over a Postgres and a bucket of their own. */
export interface FaultyGroup {
  readonly postgres: PostgresServer
  readonly members: readonly FaultyMember[]
}

/** Of the database: few, as tests take them all. */
const CONNECTIONS = 60

/** Starts all of it; it ends with the current test, or suite. Where something is not installed the tests are skipped, aloud. */
export async function startFaultyGroup(context: Mocha.Context): Promise<FaultyGroup> {
  const postgres = await startPostgres(context, { connections: CONNECTIONS })
  afterThisTest(() => postgres.stop())
  const objects = await startVersitygw(context)
  afterThisTest(() => objects.stop())
  await objects.makeBucket('models')
  const members: FaultyMember[] = []
  for (let count = 0; count < 2; count++) {
    const database = await startFaultProxy(postgres.port)
    afterThisTest(() => database.stop())
    const address = new URL(postgres.url)
    address.port = String(database.port)
    const env = { ...bucketEnvironment(objects, 'models'), DATABASE_URL: address.href }
    members.push({ running: await startServer({ env }), database })
  }
  return { postgres, members }
}
