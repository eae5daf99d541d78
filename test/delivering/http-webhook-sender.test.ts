import { createServer as createTlsServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect } from 'chai'
import { Webhook } from 'standardwebhooks'
import {
  HttpWebhookSender,
  type HttpWebhookSenderOptions,
} from '../../server/delivering/http-webhook-sender.ts'
import { drawSecret } from '../../server/webhooks/signing-secrets.ts'
import { eventually } from '../support/eventually.ts'
import { aReceiver } from '../support/a-receiver.ts'
import { selfSigned } from '../support/self-signed.ts'
import { listenOnLoopback } from '../support/listen-on-loopback.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const never = new AbortController().signal
const BODY = '{"type":"tag.moved"}'
const secret = drawSecret()

function send(url: string, options: Partial<HttpWebhookSenderOptions> = {}, secrets = [secret]) {
  const sender = new HttpWebhookSender({ hosts: ['127.0.0.1', '*.test'], now: () => Date.now(), ...options })
  return sender.send({ url, message: 'msg_1', body: BODY, secrets }, never)
}

const to = (...addresses: string[]) => ({
  resolve: () => Promise.resolve(addresses.map((address) => ({ address, family: 4 }))),
})

describe('a message to a receiver', () => {
  it('is signed as Standard Webhooks have it: their own library verifies it', async () => {
    const { url, received } = await aReceiver()
    expect(await send(url)).to.deep.equal({ kind: 'accepted', status: 200 })
    const [{ method, headers, body } = expect.fail()] = received
    expect([method, headers['content-type'], headers['webhook-id'], body]).to.deep.equal([
      'POST',
      'application/json',
      'msg_1',
      BODY,
    ])
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>)
    expect(verified).to.deep.equal({ type: 'tag.moved' })
    expect(() => new Webhook(drawSecret()).verify(body, headers as Record<string, string>)).to.throw()
  })

  it('carries a signature by each secret while one is replaced', async () => {
    const { url, received } = await aReceiver()
    const old = drawSecret()
    await send(url, {}, [secret, old])
    const [{ headers, body } = expect.fail()] = received
    for (const each of [secret, old]) {
      expect(new Webhook(each).verify(body, headers as Record<string, string>)).to.be.an('object')
    }
  })

  it('failed where the receiver says so, with its words and when to come again', async () => {
    const { url } = await aReceiver((_request, response) => {
      response.writeHead(503, { 'Retry-After': '120' }).end('  over\n\u001b[31mloaded ')
    })
    expect(await send(url)).to.deep.equal({
      kind: 'failed',
      status: 503,
      retryAfter: 120_000,
      reason: 'was answered 503: over \ufffd[31mloaded',
    })
  })

  it('does not follow a redirect', async () => {
    const other = await aReceiver()
    const { url } = await aReceiver((_request, response) => {
      response.writeHead(307, { Location: other.url }).end()
    })
    expect(await send(url)).to.deep.include({
      status: 307,
      reason: 'was answered 307: redirects are not followed',
    })
    expect(other.received).to.have.length(0)
  })

  it('failed where the connection is cut before an answer', async () => {
    const { url } = await aReceiver((request) => request.socket.destroy())
    expect(await send(url)).to.deep.include({ kind: 'failed', status: null, reason: 'socket hang up' })
  })

  it('failed where no answer comes in time', async () => {
    const { url } = await aReceiver(() => undefined)
    expect(await send(url, { timeLimit: 100 })).to.deep.include({
      kind: 'failed',
      status: null,
      reason: 'was not answered within 0.1 s',
    })
  })

  it('was taken where the status says so, however much follows and however slowly', async () => {
    let isClosed = false
    const { url } = await aReceiver((_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(Buffer.alloc(1_000_000)), 5)
      response.on('close', () => {
        clearInterval(timer)
        isClosed = true
      })
    })
    expect(await send(url, { timeLimit: 5000 })).to.deep.equal({ kind: 'accepted', status: 200 })
    await eventually('the connection is closed', () => isClosed)
  })

  it('reads no more of a refusal than tells why', async () => {
    const { url } = await aReceiver((_request, response) => {
      response.writeHead(500).end(Buffer.alloc(50_000_000, 'x'))
    })
    expect(await send(url)).to.deep.include({ status: 500, reason: 'was answered 500' })
  })

  it('goes to the address that was looked at, whatever the name says next (DNS rebinding)', async () => {
    const { port, received } = await aReceiver()
    let asked = 0
    const resolve = () => Promise.resolve([{ address: ++asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }])
    expect(await send(`http://receiver.test:${port}/`, { resolve })).to.include({ kind: 'accepted' })
    expect([asked, received.length, received[0]?.headers.host]).to.deep.equal([1, 1, `receiver.test:${port}`])
  })

  it('is blocked where a public name leads into a private network', async () => {
    const { port, received } = await aReceiver()
    const result = await send(`https://rebound.example.com:${port}/`, to('127.0.0.1', '10.0.0.1'))
    expect(result.kind).to.equal('blocked')
    expect(result).to.have.property('reason').that.includes('SLIPWAY_WEBHOOK_HOSTS')
    expect(received).to.have.length(0)
  })

  it('is blocked where a name that the settings allow leads to where clouds serve credentials', async () => {
    expect((await send('http://metadata.test/', to('169.254.169.254'))).kind).to.equal('blocked')
  })

  it('is blocked where the settings do not allow its host any more', async () => {
    const { url, received } = await aReceiver()
    expect((await send(url, { hosts: [] })).kind).to.equal('blocked')
    expect(received).to.have.length(0)
  })

  it('ends where the server stops', async () => {
    const { url } = await aReceiver(() => undefined)
    const stopping = new AbortController()
    const sender = new HttpWebhookSender({ hosts: ['127.0.0.1'], now: () => Date.now() })
    const sending = sender.send({ url, message: 'm', body: BODY, secrets: [secret] }, stopping.signal)
    stopping.abort(new Error('The server stops'))
    expect(await sending.catch((error: unknown) => String(error))).to.include('The server stops')
  })

  it('goes over TLS, and not to a certificate that nobody vouches for', async () => {
    const { key, cert } = await selfSigned('receiver.test')
    const bodies: string[] = []
    const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      bodies.push(await text(request))
      response.end()
    }
    const server = createTlsServer({ key, cert }, (request, response) => void listen(request, response))
    const port = await listenOnLoopback(server)
    const url = `https://receiver.test:${port}/`
    const unknown = await send(url, to('127.0.0.1'))
    expect(unknown)
      .to.have.property('reason')
      .that.matches(/self-signed certificate/)
    expect(bodies).to.deep.equal([])
    const known = getCACertificates('default')
    afterThisTest(() => {
      setDefaultCACertificates(known)
    })
    setDefaultCACertificates([...known, cert])
    expect(await send(url, to('127.0.0.1'))).to.include({ kind: 'accepted' })
    expect(bodies).to.deep.equal([BODY])
  })
})

describe('a target that is looked at before anything is sent', () => {
  const refusalOf = (url: string, addresses: string[]) =>
    new HttpWebhookSender({ hosts: ['*.test'], now: () => 0, ...to(...addresses) }).findRefusal(url)

  it('is refused where its name leads into a private network only', async () => {
    expect(await refusalOf('https://a.example.com/', ['10.0.0.1'])).to.be.a('string')
    expect(await refusalOf('https://a.example.com/', ['10.0.0.1', '8.8.8.8'])).to.equal(undefined)
    expect(await refusalOf('https://a.test/', ['10.0.0.1'])).to.equal(undefined)
  })

  it('is not refused for a name that nobody knows yet', async () => {
    const resolve = () => Promise.reject(new Error('ENOTFOUND'))
    const sender = new HttpWebhookSender({ hosts: [], now: () => 0, resolve })
    expect(await sender.findRefusal('https://a.example.com/')).to.equal(undefined)
  })
})
