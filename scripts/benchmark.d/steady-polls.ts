import { spawn } from 'node:child_process'
import path from 'node:path'
import { median, percentile } from './median.ts'

/** Latencies in milliseconds. */
export interface SteadyPolls {
  median: number
  p99: number
  worst: number
}

/** A hundred polls a second, each with a new connection, from a process of their own. */
export async function steadyPolls(url: string, tag: string, seconds: number): Promise<SteadyPolls> {
  const program = path.join(import.meta.dirname, 'steady-bots.ts')
  const child = spawn(process.execPath, [program, url, tag, '100', String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error('the polls beside the load were not all answered with 304 (see above)')
  const latencies = JSON.parse(printed) as number[]
  return { median: median(latencies), p99: percentile(latencies, 0.99), worst: Math.max(...latencies) }
}
