import { createHash } from 'node:crypto'
import type { ComposedServer } from '../../server/composition/compose.ts'
import { loadConfig } from '../../server/config/config.ts'
import type { Clock } from '../../server/time/clock.ts'
import { anArchive } from './archive-builder.ts'
import { startComposed } from './start-composed.ts'
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
  start(options?: MemberOptions): Promise<RunningServer>
  /** Starts another server of the group in this process: its clock may be another one. */
  compose(options?: { env?: Record<string, string>; clock?: Clock }): Promise<GroupMember>
}

/** What a server of a group may differ in. */
interface MemberOptions {
  folder?: string
  env?: Record<string, string>
}

/** A server of a group in this process. */
export interface GroupMember {
  /** `http://127.0.0.1:{port}` */
  readonly url: string
  readonly server: ComposedServer
  /** Sends a request, with JSON where there is a body. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ) => Promise<{ status: number; body: Json }>
  /** Publishes another archive; fails unless that succeeds. @returns its digest */
  readonly publish: (model?: string, query?: string) => Promise<string>
}

export type Json = Record<string, unknown>

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
    async group(): Promise<GroupUnderTest> {
      const name = `group-${++buckets}`
      const bucketFolder = await started().makeBucket(name)
      const database = await postgres.database()
      const env = { DATABASE_URL: database, ...bucketEnvironment(started(), name) }
      return {
        database,
        env,
        bucketFolder,
        start: async ({ folder, env: more }: MemberOptions = {}) =>
          startServer({ folder: folder ?? (await temporaryDirectory()), env: { ...env, ...more } }),
        compose: (options) => composeMember(env, options),
      }
    },
  }
}

async function composeMember(
  env: Record<string, string>,
  { env: more = {}, clock }: { env?: Record<string, string>; clock?: Clock } = {},
): Promise<GroupMember> {
  const folder = await temporaryDirectory()
  const config = loadConfig({ DATA_DIR: folder, PORT: '0', ...env, ...more }, folder)
  const { server, url } = await startComposed(config, clock === undefined ? {} : { clock })
  return {
    url,
    server,
    async call(method, path, body, token) {
      const headers = {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await fetch(url + path, { method, headers, ...sent })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.includes('json') === true
      return { status: answer.status, body: isJson ? (JSON.parse(text) as Json) : {} }
    },
    async publish(model = 'shop', query = '') {
      const archive = anArchive({ payloadBytes: 1_000 + Math.floor(Math.random() * 10_000) })
      const body = Uint8Array.from(archive)
      const answer = await fetch(`${url}/models/${model}${query}`, { method: 'POST', body })
      if (answer.status !== 201) throw new Error(`It was answered ${answer.status}: ${await answer.text()}`)
      return createHash('sha256').update(archive).digest('hex')
    },
  }
}

/** The settings of a server whose archives lie in a bucket. */
export function bucketEnvironment(objects: Versitygw, bucket: string): Record<string, string> {
  return {
    STORAGE: 'aws',
    BUCKET_NAME: bucket,
    AWS_ENDPOINT_URL: objects.endpointUrl,
    AWS_ACCESS_KEY_ID: objects.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: objects.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: objects.region,
  }
}
