import { setTimeout as delay } from 'node:timers/promises'
import type { Rollout } from '../../protocol/rollout.ts'
import { anArchive } from './archive-builder.ts'
import { eventually } from './eventually.ts'
import { PollingBot } from './polling-bot.ts'
import { aServer, type ServerOptions, type ServerUnderTest } from './server-under-test.ts'

export const PRODUCTION = '/api/v1/models/shop/tags/production'
export const ROLLOUTS = '/api/v1/models/shop/rollouts'

/** A server with releases of shop, and bots that polled shop@production and run the last but one. */
export interface FleetUnderTest extends ServerUnderTest {
  bots: PollingBot[]
  /** The digest of each release. */
  digests: Record<number, string>
  /** Has each bot poll once, all ten seconds later. */
  pollAll: (times?: number) => Promise<number[]>
  /** Has the bots poll, and rollouts judged, until something else is done. */
  whilePolling: <Result>(work: Promise<Result>) => Promise<Result>
  /** Reads the last rollout of production. */
  lastRollout: () => Promise<Rollout>
  /** Waits until the last rollout of production is in this state; the bots go on polling. */
  untilRollout: (state: Rollout['state'], step?: number) => Promise<Rollout>
}

/** Starts them. @param stable The release that production points at; the next one is there, too. */
export async function aFleetOn(
  count: number,
  options: ServerOptions = {},
  stable = 1,
): Promise<FleetUnderTest> {
  const server = await aServer(options)
  const { clock, request, url } = server
  const digests: Record<number, string> = {}
  for (let number = 1; number <= stable; number++) {
    const query = number === stable ? 'tag=production' : ''
    digests[number] = (await server.publish(anArchive(), { query })).digest
  }
  const bots = Array.from(
    { length: count },
    (_, index) => new PollingBot(`${url}/models/shop@production`, `pod-${index + 1}`),
  )
  const pollAll = async (times = 1): Promise<number[]> => {
    let statuses: number[] = []
    for (let time = 0; time < times; time++) {
      clock.advance(10_000)
      statuses = await Promise.all(bots.map((bot) => bot.poll()))
    }
    return statuses
  }
  await pollAll(3)
  await server.judge.judgeAll()
  digests[stable + 1] = (await server.publish(anArchive())).digest
  const lastRollout = async (): Promise<Rollout> => {
    const { body } = await request.get(`${ROLLOUTS}?tag=production&limit=1`)
    return (await request.get(`${ROLLOUTS}/${body.items[0].id}`)).body as Rollout
  }
  const whilePolling = async <Result>(work: Promise<Result>): Promise<Result> => {
    const polling = new AbortController()
    const over = (): void => {
      polling.abort()
    }
    work.then(over, over)
    while (!polling.signal.aborted) {
      await pollAll()
      await server.judge.judgeAll()
      await delay(100)
    }
    return work
  }
  return {
    ...server,
    bots,
    digests,
    pollAll,
    lastRollout,
    whilePolling,
    untilRollout: (state, step) =>
      eventually(`the rollout is ${state}`, async () => {
        await pollAll()
        await server.judge.judgeAll()
        const rollout = await lastRollout()
        return rollout.state === state && (step === undefined || rollout.step === step) && rollout
      }),
  }
}
