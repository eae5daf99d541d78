import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import { findProgram } from './find-program.ts'
import { usageDuring } from './process-usage.ts'
import type { Figures } from './alternate.ts'

const ORDERED_FIELDS = path.join(import.meta.dirname, 'ordered-fields.lua')

/** What Rasa sends behind `If-None-Match`, in its order. */
const RASA_FIELDS = {
  Accept: '*/*',
  'Accept-Encoding': 'gzip, deflate',
  'User-Agent': 'Python/3.10 aiohttp/3.9.5',
}

export interface Load {
  url: string
  connections: number
  seconds: number
  headers?: Record<string, string>
  /** As Rasa polls: one request, then the connection is closed. */
  connectionPerRequest?: boolean
}

/**
 * Keeps every connection busy with requests and measures the server whose process is `pid`.
 * @returns `perSecond` (requests), `bytesPerSecond`, `p99` (ms), `cpuMicroseconds` (per request), `cpuPerGigabyte`
 * (seconds), `peakMegabytes`
 * @throws Error where an answer was an error or a connection broke
 */
export async function measureLoad(pid: number, load: Load): Promise<Figures> {
  return await measureGenerated(pid, () => generate(load))
}

/** A server, and the entity tag with which it answers a poll with 304. */
export interface PolledServer {
  pid: number
  url: string
  tag: string
}

/** As {@link measureLoad}, of polls in sync as Rasa 3.6 sends them (aiohttp 3.9.5): each carries the entity tag of the server. */
export async function measurePolls(
  { pid, url, tag }: PolledServer,
  load: Omit<Load, 'url' | 'headers'>,
): Promise<Figures> {
  return await measureLoad(pid, { ...load, url, headers: { 'If-None-Match': tag, ...RASA_FIELDS } })
}

/** As {@link measureLoad}, of a load that something else generates. */
export async function measureGenerated(pid: number, work: () => Promise<Generated>): Promise<Figures> {
  const { result, cpuSeconds, peakMegabytes } = await usageDuring(pid, work)
  return {
    perSecond: result.requests / result.seconds,
    bytesPerSecond: result.bytes / result.seconds,
    p99: result.p99,
    cpuMicroseconds: (cpuSeconds / result.requests) * 1e6,
    cpuPerGigabyte: (cpuSeconds / result.bytes) * 1e9,
    peakMegabytes,
  }
}

/** What a program that makes load counted. */
interface Generated {
  requests: number
  bytes: number
  seconds: number
  p99: number
}

async function generate(load: Load): Promise<Generated> {
  const headers = { ...load.headers, ...(load.connectionPerRequest ? { Connection: 'close' } : {}) }
  const wrk = findProgram('wrk')
  return wrk === undefined ? byAutocannon({ ...load, headers }) : byWrk(wrk, { ...load, headers })
}

function byWrk(wrk: string, { url, connections, seconds, headers = {} }: Load): Promise<Generated> {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return runWrk(wrk, { connections, seconds }, ['--script', ORDERED_FIELDS, url, '--', ...fields])
}

/**
 * Runs wrk with one thread.
 *
 * @param rest The other options, the address, and what a script is given.
 * @throws Error where an answer was an error or a connection broke
 */
export async function runWrk(
  wrk: string,
  { connections, seconds }: Pick<Load, 'connections' | 'seconds'>,
  rest: readonly string[],
): Promise<Generated> {
  const load = ['--connections', String(connections), '--duration', `${seconds}s`]
  const { stdout } = await promisify(execFile)(wrk, [
    '--threads',
    '1',
    ...load,
    '--timeout',
    '30s',
    '--latency',
    ...rest,
  ])
  return readWrk(stdout)
}

/** Reads what wrk 4 prints. @throws Error where an answer was an error or a connection broke */
function readWrk(printed: string): Generated {
  const total = /(\d+) requests in ([\d.]+)(m?s|m), ([\d.]+)([KMGT]?)B read/.exec(printed)
  const p99 = /99%\s+([\d.]+)(us|ms|s|m)/.exec(printed)
  const transfer = /Transfer\/sec:\s+([\d.]+)([KMGT]?)B/.exec(printed)
  if (!total || !p99 || !transfer) throw new Error(`wrk printed what we cannot read:\n${printed}`)
  const errors = /Non-2xx or 3xx responses: (\d+)|Socket errors: connect (?!0,)|timeout (?!0\n)/.exec(printed)
  if (errors) throw new Error(`wrk met errors:\n${printed}`)
  const seconds = Number(total[2]) * ({ ms: 1e-3, s: 1, m: 60 }[total[3] ?? 's'] ?? 1)
  return {
    requests: Number(total[1]),
    bytes: Number(transfer[1]) * 1024 ** ' KMGT'.indexOf(transfer[2] || ' ') * seconds,
    seconds,
    p99: Number(p99[1]) * ({ us: 1e-3, ms: 1, s: 1e3, m: 6e4 }[p99[2] ?? 'ms'] ?? 1),
  }
}

/** Where wrk is not installed: heavier, so that it may be what limits the rate. */
async function byAutocannon({ url, connections, seconds, headers = {} }: Load): Promise<Generated> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    headers,
    ...('Connection' in headers ? { reconnectRate: 1 } : {}),
  })
  const failed = result.errors + result['4xx'] + result['5xx']
  if (failed > 0) throw new Error(`autocannon met ${failed} errors`)
  return {
    requests: result.requests.total,
    bytes: result.throughput.total,
    seconds: result.duration,
    p99: result.latency.p99,
  }
}
