import { withPostgres } from './a-postgres-catalog.ts'
import { startVersitygw, type Versitygw } from './services/versitygw.ts'
import { startServer, type RunningServer } from './start-server.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** What several servers of one test share: a database and a bucket of their own. */
export interface GroupUnderTest {
  readonly database: string
  readonly env: Readonly<Record<string, string>>
  /** The folder of the bucket's objects. */
  readonly bucketFolder: string
  /** Starts another server of the group, in a folder of its own. */
  start(options?: { folder?: string; env?: Record<string, string> }): Promise<RunningServer>
}

/** For the suites of one file: a Postgres and an object store that they share. */
export function withServerGroups(): {
  group: () => Promise<GroupUnderTest>
  objects: () => Versitygw
  /** The address of another, empty database. */
  database: () => Promise<string>
} {
  const postgres = withPostgres()
  let objects: Versitygw | undefined
  let buckets = 0
  before(async function () {
    this.timeout(60_000)
    objects = await startVersitygw(this)
  })
  after(() => objects?.stop())
  const started = (): Versitygw => {
    if (objects === undefined) throw new Error('The object store was not started')
    return objects
  }
  return {
    objects: started,
    database: () => postgres.database(),
    async group() {
      const name = `group-${++buckets}`
      const bucketFolder = await started().makeBucket(name)
      const database = await postgres.database()
      const env = { DATABASE_URL: database, ...bucketEnvironment(started(), name) }
      return {
        ...{ database, env, bucketFolder },
        start: async ({ folder, env: more } = {}) =>
          startServer({ folder: folder ?? (await temporaryDirectory()), env: { ...env, ...more } }),
      }
    },
  }
}

/** The settings of a server whose archives lie in a bucket. */
export function bucketEnvironment(objects: Versitygw, bucket: string): Record<string, string> {
  return {
    ...{ STORAGE: 'aws', BUCKET_NAME: bucket, AWS_ENDPOINT_URL: objects.endpointUrl },
    AWS_ACCESS_KEY_ID: objects.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: objects.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: objects.region,
  }
}
