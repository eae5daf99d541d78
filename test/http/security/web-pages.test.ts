import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { rawExchange } from '../../support/raw-exchange.ts'
import { aServer, type ServerOptions } from '../../support/server-under-test.ts'

async function send(
  method: string,
  path: string,
  fields: Record<string, string>,
  options: ServerOptions = {},
): Promise<{ status: number; code: string | undefined }> {
  const server = await aServer(options)
  await server.publish(anArchive())
  const lines = Object.entries({ Host: `127.0.0.1:${server.port}`, ...fields, Connection: 'close' })
    .map(([name, value]) => `${name}: ${value.replace('{port}', String(server.port))}\r\n`)
    .join('')
  const { status, body } = await rawExchange(server.port, `${method} ${path} HTTP/1.1\r\n${lines}\r\n`)
  const isProblem = status >= 400
  return { status, code: isProblem ? (JSON.parse(body.toString()) as Problem).code : undefined }
}

const ROLLBACK = '/api/v1/models/shop/tags/latest/rollback'

describe('without tokens, a web page of another origin', () => {
  const pages: Record<string, Record<string, string>> = {
    'that says its origin': { Origin: 'http://evil.example' },
    'in a sandbox': { Origin: 'null' },
    'on another port of this machine': { Origin: 'http://127.0.0.1:3000' },
    'whose browser says cross-site': { 'Sec-Fetch-Site': 'cross-site' },
    'whose browser says same-site': { 'Sec-Fetch-Site': 'same-site' },
    'that says both': { Origin: 'http://127.0.0.1:{port}', 'Sec-Fetch-Site': 'cross-site' },
  }
  for (const [which, fields] of Object.entries(pages)) {
    for (const [method, path] of [
      ['POST', '/models/shop'],
      ['POST', ROLLBACK],
      ['PUT', '/api/v1/models/shop/tags/production'],
      ['DELETE', '/api/v1/models/shop/releases/1'],
      ['PATCH', '/api/v1/models/shop'],
    ] as const) {
      it(`${which} may not ${method} ${path}, also without a body`, async () => {
        expect(await send(method, path, fields)).to.deep.equal({ status: 403, code: 'cross-origin-refused' })
      })
    }
  }

  for (const host of [
    'evil.example',
    'evil.example:5080',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '',
  ]) {
    for (const [method, path] of [
      ['POST', ROLLBACK],
      ['GET', '/models/shop'],
      ['GET', '/api/v1/models/shop/releases'],
      ['GET', '/api/v1/models/shop/releases/1/archive'],
      ['GET', '/metrics'],
      ['GET', '/docs'],
      ['GET', '/nothing/here'],
      ['OPTIONS', '/models/shop'],
    ] as const) {
      it(`may not ${method} ${path} under the name "${host}" (DNS rebinding)`, async () => {
        const answer = await send(method, path, { Host: host })
        expect(answer).to.deep.equal({ status: 403, code: 'foreign-host-refused' })
      })
    }

    it(`may probe under the name "${host}": load balancers do`, async () => {
      for (const path of ['/livez', '/readyz'])
        expect((await send('GET', path, { Host: host })).status).to.equal(200)
    })
  }

  it('may fetch a model: that changes nothing', async () => {
    expect((await send('GET', '/models/shop', { Origin: 'http://evil.example' })).status).to.equal(200)
  })
})

describe('without tokens, who is let in', () => {
  const others: Record<string, Record<string, string>> = {
    'curl, which says nothing': {},
    'a page of this server': { Origin: 'http://127.0.0.1:{port}', 'Sec-Fetch-Site': 'same-origin' },
    'an address typed by hand': { 'Sec-Fetch-Site': 'none' },
    'whoever says localhost': { Host: 'localhost:{port}' },
    'whoever says LOCALHOST without a port': { Host: 'LOCALHOST' },
    'whoever says [::1]': { Host: '[::1]:{port}' },
  }
  for (const [who, fields] of Object.entries(others)) {
    it(`is ${who}`, async () => {
      // Nothing to roll back to: the request has come through.
      expect(await send('POST', ROLLBACK, fields)).to.deep.equal({
        status: 409,
        code: 'nothing-to-roll-back',
      })
    })
  }
})

describe('with tokens', () => {
  const basic = { Authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` }
  const guarded = { publishToken: 'secret' }

  it('a page of another origin may not borrow the password that the browser remembers', async () => {
    for (const page of [{ Origin: 'http://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      const answer = await send('POST', ROLLBACK, { ...basic, ...page }, guarded)
      expect(answer).to.deep.equal({ status: 403, code: 'cross-origin-refused' })
    }
  })

  it('the page of this server behind a proxy that ends TLS may', async () => {
    const fields = { ...basic, Host: 'models.example', Origin: 'https://models.example' }
    expect((await send('POST', ROLLBACK, fields, guarded)).status).to.equal(409)
  })

  it('any Host is right, and a Bearer token counts from wherever it comes', async () => {
    const fields = { Authorization: 'Bearer secret', Host: 'models.example', Origin: 'http://ci.example' }
    expect((await send('POST', ROLLBACK, fields, guarded)).status).to.equal(409)
  })
})
