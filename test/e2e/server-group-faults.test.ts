import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { eventually } from '../support/eventually.ts'
import { bucketEnvironment } from '../support/server-group.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { skipTest } from '../support/skip-test.ts'
import { hasNginx, startNginx } from '../support/start-nginx.ts'
import { startServer, type RunningServer } from '../support/start-server.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'
import { GroupTraffic } from './group-traffic.ts'

const SLOW = process.env['SLOW'] === '1'

/** How often everything that may happen happens. */
const ROUNDS = SLOW ? 10 : 1

/** Longer than the lease of the housekeeper, and than a server is taken for running. */
const ASLEEP_MS = 17_000

const DEADLINE = 120_000

/** A server of the group, and whether it is to answer now. */
interface Member {
  running: RunningServer
  readonly folder: string
  answers: boolean
}

describe('three servers behind nginx, over Postgres and a bucket', function () {
  this.timeout(SLOW ? 3_600_000 : 600_000)

  it(`keep every promise while servers and database end, sleep and come back (SLOW=1: ten times)`, async function () {
    if (!hasNginx()) skipTest(this, 'nginx is not installed: run scripts/services')
    const postgres = await startPostgres(this)
    afterThisTest(() => postgres.stop())
    const objects = await startVersitygw(this)
    afterThisTest(() => objects.stop())
    await objects.makeBucket('models')
    const env = { DATABASE_URL: postgres.url, ...bucketEnvironment(objects, 'models') }
    const start = async (folder: string, port = 0) =>
      startServer({ folder, env: { ...env, PORT: String(port) } })
    const members = await Promise.all(
      [1, 2, 3].map(async (): Promise<Member> => {
        const folder = await temporaryDirectory()
        return { folder, running: await start(folder), answers: true }
      }),
    )
    const upstream = members.map(({ running }) => `server 127.0.0.1:${running.port} max_fails=0;`).join(' ')
    const nginx = await startNginx(
      'client_max_body_size 0; location / { proxy_pass http://slipway; proxy_set_header Host $http_host; proxy_next_upstream error timeout; proxy_connect_timeout 2s; }',
      `upstream slipway { ${upstream} }`,
    )

    const traffic = new GroupTraffic()
    afterThisTest(() => traffic.stop())
    for (let publishers = 0; publishers < 3; publishers++) traffic.publishThrough(nginx)
    traffic.promoteThrough(nginx)
    for (const member of members) traffic.pollAt(member.running.url, () => member.answers)
    for (let bots = 0; bots < 3; bots++) traffic.botThrough(nginx)
    await eventually('releases are published', () => traffic.whole().acknowledged >= 5, DEADLINE)

    const goesOn = async (what: string): Promise<void> => {
      const before = traffic.acknowledged
      await eventually(`it goes on after ${what}`, () => traffic.whole().acknowledged >= before + 3, DEADLINE)
    }
    for (let round = 0; round < ROUNDS; round++) {
      const [killed, asleep] = [members[round % 3]!, members[(round + 1) % 3]!]
      killed.answers = false
      killed.running.kill('SIGKILL')
      await killed.running.ended
      await goesOn('a server was killed')
      killed.running = await start(killed.folder, killed.running.port)
      killed.answers = true

      asleep.answers = false
      asleep.running.kill('SIGSTOP')
      await delay(ASLEEP_MS)
      asleep.running.kill('SIGCONT')
      await goesOn('a server slept')
      asleep.answers = true

      await postgres.restart()
      await goesOn('the database was started again')
    }
    await traffic.stop()
    traffic.whole()
    for (const { running } of members) {
      await eventually(
        'it says what everybody was told',
        () => traffic.verify(running.url).then(() => true),
        DEADLINE,
      )
    }
    expect(traffic.polls).to.be.greaterThan(100)
    expect(traffic.loaded).to.be.greaterThan(3)
    const { acknowledged, lost, polls, loaded } = traffic
    if (this.test !== undefined)
      this.test.title += ` (${acknowledged} publishes acknowledged, ${lost} answers lost, ${polls} polls, ${loaded} archives loaded)`
  })
})
