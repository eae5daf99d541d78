import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { migrations } from '../../server/catalog/migrations/index.ts'
import { anArchive } from '../support/archive-builder.ts'
import { earlierProgram } from '../support/earlier-program.ts'
import { eventually } from '../support/eventually.ts'
import { GroupClients } from '../support/history/group-clients.ts'
import type { LogLine } from '../support/log-lines.ts'
import { shortOrLong } from '../support/long-form.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { withServerGroups } from '../support/server-group.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { skipTest } from '../support/skip-test.ts'
import { hasNginx, startNginx } from '../support/start-nginx.ts'
import { startFailure, startServer, type RunningServer } from '../support/start-server.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const DEADLINE = 120_000

const always = (): boolean => true

describe('servers behind nginx that are replaced by those of the next version, one after the other', function () {
  this.timeout(900_000)
  const groups = withServerGroups()

  it('fail no poll and lose nothing, and agree while both versions run side by side', async function () {
    if (!hasNginx()) skipTest(this, 'nginx is not installed: run scripts/services')
    const earlier = await earlierProgram(this)
    const group = await groups.group()
    const start = (port = 0, main?: string) =>
      startServer({ env: { ...group.env, PORT: String(port) }, ...(main === undefined ? {} : { main }) })
    const lastMigration = async () =>
      (await administer(group.database, 'select max(name) as name from kysely_migration'))[0]?.['name']

    const servers: RunningServer[] = []
    const count = shortOrLong('upgrade of three servers: two of them', { short: 2, long: 3 })
    while (servers.length < count) servers.push(await start(0, earlier.main))
    expect(await lastMigration()).to.equal(earlier.lastMigration)
    const everyone = [...servers]
    // As docs/scaling.md has it.
    const upstream = servers.map(({ port }) => `server 127.0.0.1:${port} max_fails=0;`).join(' ')
    const nginx = await startNginx(
      'client_max_body_size 0; location / { proxy_pass http://slipway; proxy_set_header Host $http_host; proxy_next_upstream error timeout; proxy_connect_timeout 2s; }',
      `upstream slipway { ${upstream} }`,
    )

    const clients = new GroupClients('shop')
    afterThisTest(() => clients.stop())
    for (let each = 0; each < 2; each++) clients.publishAt([nginx])
    // nginx sends a PUT that was not answered to the next server, which refuses it for what the first one did.
    clients.moveAt(servers.map(({ url }) => url))
    const starting = startingBots(`${nginx}/models/shop@latest`)
    for (let bots = 0; bots < 3; bots++) clients.botAt([nginx], always)
    const fleet = await pacedFleet(nginx)
    const goesOn = async (what: string): Promise<void> => {
      const before = clients.acknowledged
      await eventually(`it goes on ${what}`, () => clients.acknowledged >= before + 5, DEADLINE)
      for (const { url } of servers) await fleet.rollOutAt(url, servers)
      expect(clients.surprises()).to.deep.equal([])
      expect(starting.failures()).to.deep.equal([])
    }
    await goesOn('before')
    for (const [index, { port }] of servers.entries()) {
      const old = servers[index]!
      old.kill('SIGTERM')
      expect(await old.ended).to.equal(0)
      servers[index] = await start(port)
      everyone.push(servers[index])
      expect(await lastMigration()).to.equal(Object.keys(migrations).at(-1))
      await goesOn(`with ${index + 1} of ${count} replaced`)
      if (index > 0) continue
      const refusal = await startFailure(start(0, earlier.main))
      expect(refusal.stderr).to.contain('written by a newer Slipway')
      expect(refusal.outcome).to.equal(2)
    }
    await clients.stop()
    expect(await clients.faults(servers.map(({ url }) => url))).to.deep.equal([])
    expect(everyone.slice(count).flatMap(errorsOf)).to.deep.equal([])
    // Before it left them to the newer version, an earlier one said that its backup failed.
    const unexpected = everyone
      .slice(0, count)
      .flatMap(errorsOf)
      .filter(({ msg, err }) => msg !== 'backup_failed' || !isOfNewerCatalog(err))
    expect(unexpected).to.deep.equal([])
    if (this.test !== undefined) this.test.title += ` (${clients.summary})`
  })
})

/** Has bots start through the balancer, one after the other until the test ends; each is to be sent a model, once there is one. */
function startingBots(url: string): { failures: () => string[] } {
  const failures: string[] = []
  let isPublished = false
  let ends = false
  const run = async (): Promise<void> => {
    while (!ends) {
      const outcome = await new PollingBot(url, 'new').poll().catch(String)
      if (outcome === 200) isPublished = true
      else if (isPublished || outcome !== 404) failures.push(`a bot that started was answered ${outcome}`)
      await delay(100)
    }
  }
  const running = run()
  afterThisTest(() => {
    ends = true
    return running
  })
  return { failures: () => failures }
}

/** Bots of a model whose rollouts go by a policy: each of their polls through the balancer is to be answered. */
async function pacedFleet(balancer: string) {
  const bots = ['pod-1', 'pod-2', 'pod-3'].map(
    (name) => new PollingBot(`${balancer}/models/paced@production`, name),
  )
  const tag = '/api/v1/models/paced/tags/production'
  let hasPolicy = false
  return {
    /** Publishes at a server what one bot after the other is to load, and waits until all do and every server says so. */
    async rollOutAt(url: string, servers: readonly RunningServer[]): Promise<void> {
      const archive = anArchive({ payloadBytes: 1_000 + Math.floor(Math.random() * 10_000) })
      const digest = createHash('sha256').update(archive).digest('hex')
      // On a busy machine the database may take too long: the same bytes may be sent again.
      const isDone = async (path: string, init: RequestInit): Promise<boolean> => {
        const answer = await fetch(url + path, init)
        expect(answer.status, await answer.text()).to.be.oneOf([200, 201, 503])
        return answer.ok
      }
      const body = Uint8Array.from(archive)
      const publish = () => isDone('/models/paced?tag=production', { method: 'POST', body })
      await eventually('it is published', publish, DEADLINE)
      if (!hasPolicy) {
        const policy = JSON.stringify({ policy: { maxUpdating: 1 } })
        const headers = { 'Content-Type': 'application/json' }
        const setPolicy = () => isDone(tag, { method: 'PATCH', body: policy, headers })
        await eventually('it has a policy', setPolicy, DEADLINE)
        hasPolicy = true
      }
      const isLoaded = async (): Promise<boolean> => {
        for (const bot of bots) expect(await bot.poll()).to.be.oneOf([200, 204, 304, 503])
        return bots.every((bot) => bot.digest === digest)
      }
      await eventually('every bot runs it', isLoaded, DEADLINE)
      for (const server of servers) {
        const isSaid = async (): Promise<boolean> => {
          await isLoaded()
          const answer = await fetch(`${server.url}/api/v1/bots?model=paced`)
          const { items } = (await answer.json()) as { items: { digest?: string; release?: number }[] }
          const head = await fetch(`${server.url}/models/paced@production`, { method: 'HEAD' })
          const release = Number(head.headers.get('slipway-release'))
          return (
            head.headers.get('etag') === `"${digest}"` &&
            items.length === bots.length &&
            items.every((bot) => bot.release === release)
          )
        }
        await eventually(`${server.url} says so`, isSaid, DEADLINE)
      }
    },
  }
}

/** What a server logged as an error, but that it was told to stop (which earlier ones say so), or that the database did not answer for a moment. */
function errorsOf({ lines }: RunningServer): LogLine[] {
  return lines.filter(
    ({ level, msg, code }) => level >= 50 && msg !== 'catalog_unavailable' && code !== 'shutting-down',
  )
}

function isOfNewerCatalog(error: unknown): boolean {
  return (error as { message?: string } | undefined)?.message?.includes('written by a newer Slipway') === true
}
