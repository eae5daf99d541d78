import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import express from 'express'
import { pino } from 'pino'
import { ConfigError } from '../../server/config/config.ts'
import { slipway, type EmbeddedServer, type EmbeddedSettings } from '../../server/embed/index.ts'
import { anArchive } from '../support/archive-builder.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const PROCESS = '9f86d081884c4d63a159d1a1b2c3d4e5'

describe('a Slipway in another application', () => {
  it('answers polls with tags that name the process, and publishes, under the path that it is mounted at', async () => {
    const { url } = await mounted()
    const published = await publish(`${url}/models/shop?tag=production`)
    expect(published.status).to.equal(201)
    expect(published.headers.get('location')).to.equal('/models-of-ours/api/v1/models/shop/releases/1')
    const first = await poll(`${url}/models/shop@production`, PROCESS)
    const etag = first.headers.get('etag') ?? ''
    expect([first.status, etag.slice(-34)]).to.deep.equal([200, `.${PROCESS}"`])
    await first.arrayBuffer()
    expect((await poll(`${url}/models/shop@production`, etag)).status).to.equal(304)
  })

  it('links to the next page of a list, to its pages and in its description with that path in front', async () => {
    const { url } = await mounted()
    for (const seed of [1, 2]) await publish(`${url}/models/shop`, seed)
    const list = await fetch(`${url}/api/v1/models/shop/releases?limit=1`)
    expect(list.headers.get('link')).to.match(/^<\/models-of-ours\/api\/v1\/models\/shop\/releases\?/)
    // Where the address has no slash at its end, relative links would lead astray.
    const bare = await fetch(url, { redirect: 'manual' })
    expect([bare.status, bare.headers.get('location')]).to.deep.equal([303, 'models-of-ours/'])
    const page = await (await fetch(url)).text()
    expect(page).to.include('href="./dashboard/models"')
    expect((await fetch(`${url}/dashboard/models/shop`)).status).to.equal(200)
    const description = (await (await fetch(`${url}/openapi.json`)).json()) as { servers: { url: string }[] }
    expect(description.servers[0]?.url).to.equal('/models-of-ours')
  })

  it('lets requests wait that come before it has started', async () => {
    const { url, server } = await mounted({}, { waits: false })
    expect((await fetch(`${url}/livez`)).status).to.equal(200)
    await server.ready
  })

  it('knows no bot by a poll that is handed over only after its connection was closed', async () => {
    const handedOver = Promise.withResolvers<unknown>()
    const app = express()
    app.use((request, _response, next) => {
      if (request.get('If-None-Match') !== PROCESS) next()
      else {
        request.socket.once('close', () => {
          next()
          handedOver.resolve(undefined)
        })
      }
    })
    const { url } = await mounted({}, { app })
    await publish(`${url}/models/shop`)
    const { port, pathname } = new URL(`${url}/models/shop`)
    const peer = connect(Number(port), '127.0.0.1')
    peer.end(`GET ${pathname} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: ${PROCESS}\r\n\r\n`)
    await handedOver.promise
    const bots = await fetch(`${url}/api/v1/bots`)
    expect(await bots.json())
      .to.have.property('items')
      .that.deep.equals([])
  })

  it('answers polls that come by a Unix socket, which has no addresses', async () => {
    const { server, url } = await mounted()
    await publish(`${url}/models/shop`)
    const socketPath = path.join(await temporaryDirectory(), 'socket')
    const http = createServer(server).listen(socketPath)
    await once(http, 'listening')
    afterThisTest(() => {
      http.close()
    })
    const asked = get({ socketPath, path: '/models/shop', headers: { Host: 'localhost' }, agent: false })
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
    expect(answer.statusCode).to.equal(200)
  })

  it('says what to change where a body parser stands in front of it', async () => {
    const app = express()
    app.use(express.json())
    const { url } = await mounted({}, { app })
    const answer = await fetch(`${url}/api/v1/models/shop/tags/production`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: '{"release": 1}',
    })
    expect(answer.status).to.equal(500)
    expect(await answer.text()).to.include('Mount slipway() before express.json()')
  })

  it('asks for tokens unless it is told that the application listens on loopback alone', async () => {
    expect(() => slipway({ DATA_DIR: 'never-made' }))
      .to.throw(ConfigError)
      .with.property('message')
      .that.includes('SLIPWAY_PUBLISH_TOKEN')
  })

  it('leaves the data directory to others once it is closed, and answers nobody any more', async () => {
    const { url, server, settings } = await mounted()
    await server.close()
    expect((await fetch(`${url}/models/shop`)).status).to.equal(503)
    const second = await mounted(settings)
    expect((await fetch(`${second.url}/readyz`)).status).to.equal(200)
  })

  it('hands over to the error handler of the application where it cannot start', async () => {
    const { settings } = await mounted()
    const { url, server } = await mounted(settings, { waits: false })
    const answer = await fetch(`${url}/models/shop`)
    expect([answer.status, await answer.text()]).to.deep.equal([500, 'the application says sorry'])
    await server.ready.then(
      () => expect.fail('two servers over one data directory'),
      () => undefined,
    )
  })

  it('is a handler for node:http too, without Express around it', async () => {
    const { server } = await mounted()
    const url = await listen(server)
    expect((await publish(`${url}/models/shop`)).headers.get('location')).to.equal(
      '/api/v1/models/shop/releases/1',
    )
  })
})

interface MountOptions {
  app?: express.Express
  /** Whether it has started when this returns. */
  waits?: boolean
}

async function mounted(
  given: EmbeddedSettings = {},
  { app = express(), waits = true }: MountOptions = {},
): Promise<{ url: string; server: EmbeddedServer; settings: EmbeddedSettings }> {
  const folder = await temporaryDirectory()
  const settings = {
    HOST: '127.0.0.1',
    DATA_DIR: path.join(folder, 'data'),
    MODELS_DIR: path.join(folder, 'models'),
    ...given,
  }
  const server = slipway(settings, { logger: pino({ level: 'silent' }) })
  afterThisTest(() => server.close())
  app.use('/models-of-ours', server)
  app.use((_error: unknown, _request: express.Request, response: express.Response, _next: unknown) => {
    response.status(500).send('the application says sorry')
  })
  if (waits) await server.ready
  return { url: `${await listen(app)}/models-of-ours`, server, settings }
}

async function listen(handler: RequestListener): Promise<string> {
  const http = createServer(handler)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  afterThisTest(() => {
    http.close()
    http.closeAllConnections()
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

function poll(url: string, tag: string): Promise<Response> {
  return fetch(url, { headers: { 'If-None-Match': tag } })
}

function publish(url: string, payloadBytes = 1000): Promise<Response> {
  return fetch(url, { method: 'POST', body: Buffer.from(anArchive({ payloadBytes })) })
}
