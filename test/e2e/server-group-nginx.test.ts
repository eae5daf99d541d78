import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, type FaultyMember } from '../support/faulty-group.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { skipTest } from '../support/skip-test.ts'
import { hasNginx, startNginx } from '../support/start-nginx.ts'
import { afterThisTest, onceForSuite } from '../support/temporary-directory.ts'

const DEADLINE = 120_000

/** What docs/proxies.md says of each location. */
const OF_PROXIES = `
  client_max_body_size 0;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_request_buffering off;
`

/** The settings that the guide recommends, word for word but for the addresses of servers. */
async function recommended(servers: readonly string[]): Promise<[server: string, http: string]> {
  const guide = await readFile(path.join(import.meta.dirname, '../../docs/scaling.md'), 'utf8')
  const [upstream = '', server = ''] = Array.from(guide.matchAll(/```nginx\n(.*?)```/gs), ([, text]) => text)
  const line = / *server 10\.0\.0\.\d:5080([^;]*);\n/g
  const [, parameters = ''] = line.exec(upstream) ?? []
  if (!server.includes('proxy_next_upstream')) throw new Error('the guide has no settings for nginx')
  const lines = servers.map((url) => `server ${new URL(url).host}${parameters};\n`)
  return [OF_PROXIES + server, upstream.replaceAll(line, '').replace('{\n', `{\n${lines.join('')}`)]
}

describe('two servers of a group behind nginx with the settings of the guide', function () {
  this.timeout(300_000)
  before(function () {
    if (!hasNginx()) skipTest(this, 'nginx is not installed: run scripts/services')
  })
  const group = onceForSuite((context) => FaultyGroup.start(context, { servers: 2 }))

  const publish = async ({ running }: FaultyMember, model: string) => {
    const body = Uint8Array.from(anArchive())
    return (await fetch(`${running.url}/models/${model}?tag=production`, { method: 'POST', body })).status
  }
  const coldPolls = (url: string, model: string) =>
    Promise.all(
      Array.from('abcd', (name) => new PollingBot(`${url}/models/${model}@production`, name).poll()),
    )

  it('have every bot start that one of them has a copy for, while the bucket is away', async () => {
    const [without, having] = group().members as [FaultyMember, FaultyMember]
    const nginx = await startNginx(...(await recommended(group().urls)))
    afterThisTest(() => {
      for (const { bucket } of group().members) bucket.heal()
    })
    expect(await publish(having, 'shop')).to.equal(201)
    const polling = (at: FaultyMember) =>
      new PollingBot(`${at.running.url}/models/shop@production`, 'pod').poll()
    expect(await polling(having)).to.equal(200)
    for (const { bucket } of group().members) bucket.inject({ kind: 'refuse' })
    await eventually('one has no copy', async () => (await polling(without)) === 503, DEADLINE)
    expect(await polling(having)).to.equal(200)
    expect(await coldPolls(nginx, 'shop')).to.deep.equal([200, 200, 200, 200])
    expect((await fetch(`${nginx}/models/none@production`)).status).to.equal(404)
  })

  it('have a bot hear what one of them knows, while the other is cut off from the database', async () => {
    const [cutOff, other] = group().members as [FaultyMember, FaultyMember]
    const nginx = await startNginx(...(await recommended(group().urls)))
    afterThisTest(() => {
      cutOff.database.heal()
    })
    expect(await publish(other, 'cut')).to.equal(201)
    let url = other.running.url
    const bot = new PollingBot(() => `${url}/models/cut@production`, 'pod')
    await eventually('it starts', async () => (await bot.poll()) === 200, DEADLINE)
    cutOff.database.inject({ kind: 'refuse' })
    await eventually('it takes no changes', async () => (await publish(cutOff, 'cut')) === 503, DEADLINE)
    expect(await publish(other, 'cut')).to.equal(201)
    expect(await bot.poll()).to.equal(200)
    url = cutOff.running.url
    await eventually('it knows nothing of that', async () => (await bot.poll()) === 503, DEADLINE)
    url = nginx
    for (let poll = 0; poll < 4; poll++) expect(await bot.poll()).to.equal(304)
  })
})
