import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import supertest from 'supertest'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { FaultLog } from '../../server/http/reply/fault-log.ts'
import { RefusedChanges } from '../../server/access/audit/refused-changes.ts'
import { EventNews } from '../../server/events/event-news.ts'
import type { Fact } from '../../server/fleet/fact.ts'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { ChangeAudit } from '../../server/http/access/change-audit.ts'
import { botEndpoints } from '../../server/http/api/bots.ts'
import { eventEndpoints } from '../../server/http/api/events.ts'
import { mountEndpoints } from '../../server/http/api/mount-endpoints.ts'
import { readyEndpoint } from '../../server/http/api/ready.ts'
import { timelineEndpoints } from '../../server/http/api/timeline.ts'
import { FleetView } from '../../server/rollouts/fleet-view.ts'
import { LiveRollouts } from '../../server/rollouts/live-rollouts.ts'
import { NEW, OLD, SECOND, START } from '../fleet/facts.ts'
import { aCatalog } from './a-catalog.ts'
import { aClock, type ManualClock } from './manual-clock.ts'
import { afterThisTest } from './temporary-directory.ts'

/** What is told of a fleet over HTTP, over a fleet that a test makes up fact by fact. */
export interface FleetApp {
  url: string
  request: ReturnType<typeof supertest>
  catalog: Catalog
  clock: ManualClock
  rollouts: LiveRollouts
  news: EventNews
  /** Takes facts in, a second apart. */
  take: (...facts: Fact[]) => void
}

/**
 * Serves the part of the API that tells of bots and events. It ends with the current test.
 *
 * These parts are put together here, and not by the composition that `aServer` starts: what is tested is how the API presents facts, which
 * a test makes up one by one, of releases whose archives do not exist. A server takes facts from polls alone, and a stream's heartbeat
 * is no setting of it.
 */
export async function aFleetApp({ heartbeat }: { heartbeat?: number } = {}): Promise<FleetApp> {
  const catalog = await aCatalog()
  const clock = aClock(START)
  const memory = new FleetMemory(10_000)
  const rollouts = new LiveRollouts()
  const news = new EventNews(catalog)
  const releaseOf = (_model: string, digest: string): number | undefined =>
    [OLD, NEW].find((target) => target.digest === digest)?.release
  const digestsOf = (release: number): Map<string, string> =>
    new Map([OLD, NEW].filter((target) => target.release === release).map(({ digest }) => ['shop', digest]))
  const fleet = new FleetView({
    memory,
    rollouts,
    catalog,
    releaseOf,
    digestsOf,
    clock,
    access: { needsToken: false },
  })
  const app = express()
  const logger = pino({ level: 'silent' })
  mountEndpoints(
    app,
    [
      ...botEndpoints(fleet),
      ...timelineEndpoints({ catalog, view: fleet, clock }),
      ...eventEndpoints({ events: catalog, news, ...(heartbeat === undefined ? {} : { heartbeat }) }),
      readyEndpoint(fleet),
    ],
    {
      gate: () => ({ name: 'tester' }),
      logger,
      faults: new FaultLog(logger),
      readRights: () => ({ isLocked: false, isKnown: () => true, principalFor: () => ({ name: 'tester' }) }),
      changes: new ChangeAudit(new RefusedChanges(), clock),
    },
  )
  const http = createServer(app)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  afterThisTest(async () => {
    const closed = once(http, 'close')
    news.stop()
    http.close()
    http.closeAllConnections()
    await closed
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const take = (...facts: Fact[]): void => {
    for (const fact of facts) {
      clock.advance(SECOND)
      memory.take('shop', fact, clock.now())
    }
  }
  return { url, request: supertest(url), catalog, clock, rollouts, news, take }
}
