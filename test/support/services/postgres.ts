import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { skipTest } from '../skip-test.ts'
import type { Service } from './service-process.ts'

/** A Postgres server of this machine's binaries; anybody on loopback may do everything there. */
export interface PostgresServer extends Service {
  /** Of the database `postgres`, as its owner. */
  url: string
  port: number
  folder: string
  pid: () => number
  /** Stops it as an administrator would, and starts it again over the same data. */
  restart(): Promise<void>
  /** Ends it without a word, as a power failure would. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Sends a signal to all of its processes: SIGSTOP leaves it connected and silent. */
  signal(signal: NodeJS.Signals): Promise<void>
}

/** Where Debian keeps the binaries, the newest first, and where others do. */
export async function findBinaries(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? await readdir(debian) : []
  const folders = versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => path.join(debian, version, 'bin'))
  const everywhere = [...folders, ...(process.env['PATH'] ?? '').split(path.delimiter)]
  return everywhere.find((folder) => existsSync(path.join(folder, 'initdb')))
}

/** The folder of Postgres' binaries; without them the suite is skipped and says so, but fails where CI=true. */
export async function postgresBinaries(context: Mocha.Context): Promise<string> {
  const found = await findBinaries()
  if (found !== undefined) return found
  const reason = 'PostgreSQL is not installed: run scripts/services'
  if (process.env['CI'] === 'true') throw new Error(reason)
  return skipTest(context, reason)
}

/** Makes a cluster in a folder of its own, and starts it. Syncing is off: tests do not cut the power. */
export async function startPostgres(
  context: Mocha.Context,
  options: ClusterOptions = {},
): Promise<PostgresServer> {
  return await startCluster(await postgresBinaries(context), options)
}

interface ClusterOptions {
  /** How many there may be at once. */
  connections?: number
  /** As it is shipped: each COMMIT is synced. Tests do not cut the power. */
  isDurable?: boolean
  /**
   * Ctrl-C of a terminal, which goes to all programs of its foreground, does not reach it (setsid(2)): for who stops it in order then. One that
   * tests start ends by Ctrl-C, as mocha does, which waits for no clean-up.
   */
  outlivesCtrlC?: boolean
}

export async function startCluster(
  binaries: string,
  { connections = 200, isDurable = false, outlivesCtrlC = false }: ClusterOptions = {},
): Promise<PostgresServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-postgres-'))
  // It refuses to run as root, as which containers of CI run.
  const owner = process.getuid?.() === 0 ? await idsOf('postgres') : undefined
  const data = path.join(folder, 'data')
  await run('chmod', ['711', folder])
  await mkdir(data)
  await chmod(data, 0o700)
  if (owner !== undefined) await run('chown', ['-R', `${owner.uid}:${owner.gid}`, folder])
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8']
  await run(path.join(binaries, 'initdb'), initdb, owner)
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const settings = ['listen_addresses=127.0.0.1', ...(isDurable ? [] : ['fsync=off', 'shared_buffers=32MB'])]
  const options = [...settings, `max_connections=${connections}`].flatMap((setting) => ['-c', setting])
  let child: ChildProcess | undefined
  const start = async () => {
    const args = ['-D', data, '-p', String(port), '-k', folder, ...options]
    const begin = () => {
      const detached = outlivesCtrlC
      child = spawn(path.join(binaries, 'postgres'), args, {
        ...owner,
        cwd: folder,
        stdio: 'ignore',
        detached,
      })
      child.unref()
    }
    begin()
    const answers = () => {
      // After a kill, a session of the former server may still be about to end.
      if (child?.exitCode !== null) begin()
      return canConnect(url)
    }
    await eventually('Postgres answers', answers, 40_000)
  }
  const end = async (signal: NodeJS.Signals) => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    running.ref()
    const exited = once(running, 'exit')
    const all = await processesOf(running)
    for (const pid of all) sendSignal(pid, 'SIGCONT')
    if (signal === 'SIGKILL') for (const pid of all) sendSignal(pid, signal)
    else running.kill(signal)
    await exited
  }
  // Nothing else would end it where the program has to end at once.
  if (outlivesCtrlC) process.once('exit', () => child?.kill('SIGQUIT'))
  await start()
  return {
    url,
    port,
    folder,
    start,
    pid: () => child?.pid ?? 0,
    // "Fast" shutdown: sessions are ended.
    restart: async () => {
      await end('SIGINT')
      await start()
    },
    kill: () => end('SIGKILL'),
    signal: async (signal) => {
      if (child !== undefined) for (const pid of await processesOf(child)) sendSignal(pid, signal)
    },
    stop: async () => {
      await end('SIGQUIT')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const passwd = await readFile('/etc/passwd', 'utf8')
  const [, uid, gid] = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd) ?? []
  if (uid === undefined || gid === undefined) throw new Error(`there is no user ${user}`)
  return { uid: Number(uid), gid: Number(gid) }
}

async function run(
  program: string,
  args: string[],
  owner: { uid?: number; gid?: number } = {},
): Promise<void> {
  await promisify(execFile)(program, args, { ...owner, cwd: '/' })
}

/** The server and the processes that serve its sessions, each of which is in a group of its own. */
async function processesOf({ pid }: ChildProcess): Promise<number[]> {
  if (pid === undefined) return []
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return [pid, ...children.split(' ').filter(Boolean).map(Number)]
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // A session that ended.
  }
}
