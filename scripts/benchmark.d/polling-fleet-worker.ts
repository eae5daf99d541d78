import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Semaphore } from '../../concurrency/semaphore.ts'
import { fleetProcessName } from './fleet-process-name.ts'
import { percentile } from './median.ts'
import type { FleetOrder, FleetRound } from './polling-fleet.ts'

// Many Rasa processes, each a bot of its own name: started by polling-fleet.ts, which sends orders and gets rounds back.
const [, , url = '', bots = '0'] = process.argv

/** One process: what it sends as `If-None-Match`, the bare name until it has loaded something. */
const tags = Array.from({ length: Number(bots) }, (_, bot) => fleetProcessName(bot))

/** An address of loopback (127.0.0.0/8) for every eight bots: one alone may not have all downloads, and has too few ports. */
function addressOf(bot: number): string {
  const host = bot >> 3
  return `127.${1 + (host >> 8)}.${host & 255}.1`
}

/**
 * A server that falls behind has more polls waiting than it takes connections or this program may have open files; those above
 * its limit it would close, and a bot would come again. The others wait here, and their waiting is measured.
 */
const connections = new Semaphore(1_000)
const never = new AbortController().signal

/** A poll as Rasa sends it, with a connection of its own. @param due When the bot wanted to send it, in milliseconds. */
async function poll(bot: number, due: number): Promise<{ status: number; milliseconds: number }> {
  const status = await new Promise<number>((resolve, reject) => {
    const options = {
      agent: false,
      localAddress: addressOf(bot),
      headers: { 'If-None-Match': tags[bot] },
    }
    const asked = request(`${url}?instance=pod-${bot}`, options, (answer) => {
      const { etag } = answer.headers
      answer.once('error', reject).resume()
      answer.once('end', () => {
        if (answer.statusCode === 200 && etag !== undefined) tags[bot] = etag
        resolve(answer.statusCode ?? 0)
      })
    })
    asked.once('error', reject).end()
  })
  return { status, milliseconds: performance.now() - due }
}

/** Has each bot poll once; their polls are spread evenly over so many seconds. */
async function pollAll({ seconds }: FleetOrder): Promise<FleetRound> {
  const started = performance.now()
  const asked: ReturnType<typeof poll>[] = []
  for (let bot = 0; bot < tags.length; bot++) {
    const due = started + (bot / tags.length) * seconds * 1000
    const early = due - performance.now()
    if (early > 0) await pause(early)
    const wanted = performance.now()
    asked.push(connections.run(() => poll(bot, wanted), never))
  }
  const answers = await Promise.all(asked)
  const statuses: Record<number, number> = {}
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
  const milliseconds = answers.map((answer) => answer.milliseconds)
  return {
    statuses,
    seconds: (performance.now() - started) / 1000,
    p99: percentile(milliseconds, 0.99),
    worst: milliseconds.reduce((most, one) => Math.max(most, one), 0),
  }
}

process.on('message', (order: FleetOrder) => {
  void pollAll(order).then((round) => process.send?.(round))
})
