import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { diagnoseServer } from '../../client/doctor/diagnose-server.ts'
import { NoAnswer, askAsBot } from '../../client/doctor/exchange/bot-request.ts'
import { pythonTrust } from '../../client/doctor/exchange/python-trust.ts'
import { wouldWork } from '../../client/doctor/present-finding.ts'
import { encryptedServer } from '../support/encrypted-server.ts'
import { ALL_PROXIES } from '../support/proxies/all-proxies.ts'
import { startProxy } from '../support/proxies/start-proxy.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot, type RasaBot } from './rasa-bot.ts'
import { rasaFolder } from './rasa-folder.ts'
import { startSlipway, type SlipwayServer } from './slipway-server.ts'
import { atSuiteEnd, endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

/** What Rasa's model pull does of its library (Rasa 3.6 core/agent.py, utils/endpoints.py). */
const PULL = `
import asyncio, sys
from rasa.utils.endpoints import EndpointConfig
async def pull():
    server = EndpointConfig(sys.argv[1], token="a token")
    async with server.session() as session:
        headers = {"If-None-Match": sys.argv[2]}
        async with session.request("GET", server.url, headers=headers, params=server.combine_parameters()) as answer:
            await answer.read()
asyncio.run(pull())
`

/** The first request that somebody sends, as it came over the wire. */
async function requestOf(send: (url: URL) => Promise<unknown>): Promise<string[]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sending = send(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/models/shop`))
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  socket.end('HTTP/1.1 304 Not Modified\r\n\r\n')
  await sending
  server.close()
  const lines = bytes.toString().split('\r\n')
  return lines.map((line) => (line.startsWith('Host:') ? 'Host:' : line))
}

describe('the doctor beside a real Rasa', function () {
  let server: SlipwayServer
  let folder: string

  before(async () => {
    folder = await suiteFolder()
    server = await startSlipway(path.join(folder, 'server'))
    await publishByCurl(server.url, 'rasa-3.6-light-v1.tar.gz')
  })
  after(endSuite)

  it('sends the very bytes that Rasa sends', async () => {
    const python = path.join(rasaFolder('3.6.21'), 'bin/python')
    const rasa = await requestOf((url) => promisify(execFile)(python, ['-c', PULL, url.href, 'a tag']))
    const doctor = await requestOf(async (url) => {
      url.search = 'token=a+token'
      const options = { headers: {}, trust: { ca: [] }, silence: 5000, signal: AbortSignal.timeout(5000) }
      try {
        ;(await askAsBot({ url, condition: 'a tag', ...options })).close()
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
      }
    })
    expect(doctor).to.deep.equal(rasa)
  })

  it('trusts the authorities that Rasa trusts: with SSL_CERT_FILE, and not without', async () => {
    const { url, ca } = await encryptedServer('IP:127.0.0.1')
    const python = path.join(rasaFolder('3.6.21'), 'bin/python')
    for (const env of [{}, { SSL_CERT_FILE: ca }]) {
      const pull = promisify(execFile)(python, ['-c', PULL, url, 'a tag'], { env })
      const rasa = await pull.then(
        () => true,
        () => false,
      )
      const { findings } = await diagnoseServer({
        url: new URL(url),
        headers: {},
        trust: pythonTrust(env),
        slow: 0,
        upload: undefined,
        signal: AbortSignal.timeout(60_000),
      })
      expect([rasa, wouldWork(findings)]).to.deep.equal(Array(2).fill('SSL_CERT_FILE' in env))
    }
  })

  /** A bot that polls through a proxy, and whether the doctor says that it works there. */
  async function behind(name: string, variant: string): Promise<{ bot: RasaBot; works: boolean }> {
    const proxy = ALL_PROXIES.find((each) => each.name === name)
    if (proxy === undefined) throw new Error(`there is no proxy ${name}`)
    const { url, stop } = await startProxy(proxy, variant, server.port)
    atSuiteEnd(stop)
    const address = `${url}/models/default`
    const { findings } = await diagnoseServer({
      url: new URL(address),
      headers: {},
      trust: { ca: [] },
      slow: 2000,
      upload: undefined,
      signal: AbortSignal.timeout(60_000),
    })
    const bot = await startRasaBot(path.join(folder, variant), address)
    return { bot, works: wouldWork(findings) }
  }

  it('says that a bot works behind Caddy that compresses everything, and it does', async () => {
    const { bot, works } = await behind('Caddy', 'compresses')
    expect(works).to.equal(true)
    await until('the bot has loaded the model', coldStartSeconds, async () => {
      return (await bot.intentOf('hello')) !== ''
    })
    await bot.stop()
  })

  it('says that a bot does not work behind HAProxy that takes entity tags away, and it never loads a model', async () => {
    const { bot, works } = await behind('HAProxy', 'strips the tag')
    expect(works).to.equal(false)
    const polls = (): number => server.log().split('"path":"/models/default"').length
    const before = polls()
    await until('it has polled five times more', coldStartSeconds, () =>
      Promise.resolve(polls() > before + 5),
    )
    await bot.intentOf('hello').then(
      () => expect.fail('the bot has a model'),
      () => undefined,
    )
    await bot.stop()
  })
})
