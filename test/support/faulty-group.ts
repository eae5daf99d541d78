import type { Status } from '../../protocol/status.ts'
import { eventually } from './eventually.ts'
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts'
import { bucketEnvironment } from './server-group.ts'
import { startPostgres, type PostgresServer } from './services/postgres.ts'
import { startVersitygw, type Versitygw } from './services/versitygw.ts'
import { startServer, type RunningServer } from './start-server.ts'
import { afterThisTest, temporaryDirectory } from './temporary-directory.ts'

/** One of the servers of a group. */
export interface FaultyMember {
  /** Another process after {@link FaultyGroup.startAgain}. */
  running: RunningServer
  readonly folder: string
  /** Its `application_name` in the database. */
  readonly name: string
  /** Between it and the database. */
  readonly database: FaultProxy
  /** Between it and the bucket. */
  readonly bucket: FaultProxy
}

export interface FaultyGroupOptions {
  servers: number
  /** How many connections the database has at most. */
  connections?: number
  /** Further settings of each server. */
  env?: Readonly<Record<string, string>>
  /** Further buckets than `models`, where archives lie. */
  buckets?: readonly string[]
}

/** Servers over a Postgres and a bucket of their own, each of which can be taken away. */
export class FaultyGroup {
  readonly postgres: PostgresServer
  readonly members: readonly FaultyMember[]
  readonly objects: Versitygw
  readonly #env: Readonly<Record<string, string>>

  private constructor(
    postgres: PostgresServer,
    members: readonly FaultyMember[],
    objects: Versitygw,
    env: Readonly<Record<string, string>>,
  ) {
    this.postgres = postgres
    this.members = members
    this.objects = objects
    this.#env = env
  }

  /** Starts all of it, and waits until it takes changes; it ends with the current test, or suite. Where something is not installed the tests are skipped, aloud. */
  static async start(
    context: Mocha.Context,
    { servers, connections = 200, env: more = {}, buckets = [] }: FaultyGroupOptions,
  ): Promise<FaultyGroup> {
    const postgres = await startPostgres(context, { connections })
    afterThisTest(() => postgres.stop())
    const objects = await startVersitygw(context)
    afterThisTest(() => objects.stop())
    for (const bucket of ['models', ...buckets]) await objects.makeBucket(bucket)
    const env = { ...bucketEnvironment(objects, 'models'), ...more }
    const numbers = Array.from({ length: servers }, (_, index) => index + 1)
    const members = await Promise.all(
      numbers.map(async (number): Promise<FaultyMember> => {
        const member = {
          folder: await temporaryDirectory(),
          name: `server-${number}`,
          database: await aProxy(postgres.port),
          bucket: await aProxy(objects.port),
        }
        const running = await startServer({
          folder: member.folder,
          env: { ...env, ...through({ postgres, ...member }) },
        })
        // Of servers that begin at once one has the bucket first, and the others find that out within ten seconds.
        await untilWritable({ ...member, running })
        return { ...member, running }
      }),
    )
    return new FaultyGroup(postgres, members, objects, env)
  }

  get urls(): string[] {
    return this.members.map(({ running }) => running.url)
  }

  /** Starts a server that has ended again: the same folder, the same address. Whatever is started ends with the current test. */
  async startAgain(member: FaultyMember): Promise<void> {
    const { folder, running } = member
    const ways = through({ postgres: this.postgres, ...member })
    member.running = await startServer({ folder, env: { ...this.#env, ...ways, PORT: String(running.port) } })
  }

  /** Which of the servers keeps house, by what `asked` says; undefined where it names none, or does not answer. */
  async housekeeper(asked: FaultyMember): Promise<FaultyMember | undefined> {
    const { servers } = (await tryAsk<Status>(`${asked.running.url}/api/v1/status`)) ?? {}
    const keeper = servers?.find(({ keepsHouse }) => keepsHouse)
    return this.members.find(({ running }) => running.url === `http://${keeper?.address ?? ''}`)
  }
}

/** Whether a server takes changes, by what it says; undefined where it does not answer. */
export async function takesWrites({ running }: FaultyMember): Promise<boolean | undefined> {
  return (await tryAsk<{ writes: boolean }>(`${running.url}/readyz`))?.writes
}

/** Waits until a server takes changes. */
export async function untilWritable(member: FaultyMember): Promise<void> {
  await eventually(`${member.running.url} takes changes`, () => takesWrites(member), 120_000)
}

async function tryAsk<Body>(url: string): Promise<Body | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) })
    return (await answer.json()) as Body
  } catch {
    return undefined
  }
}

async function aProxy(port: number): Promise<FaultProxy> {
  const proxy = await startFaultProxy(port)
  afterThisTest(() => proxy.stop())
  return proxy
}

/** The settings by which a server reaches database and bucket through its proxies. */
function through({
  postgres,
  database,
  bucket,
  name,
}: Pick<FaultyMember, 'database' | 'bucket' | 'name'> & { postgres: PostgresServer }): Record<
  string,
  string
> {
  const address = new URL(postgres.url)
  address.port = String(database.port)
  address.searchParams.set('application_name', name)
  return { DATABASE_URL: address.href, AWS_ENDPOINT_URL: bucket.url }
}
