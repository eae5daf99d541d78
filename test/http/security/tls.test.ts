import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import path from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { pino } from 'pino'
import { ConfigError, loadConfig } from '../../../server/config/config.ts'
import { composeServer } from '../../../server/composition/compose.ts'
import { createHttpServer } from '../../../server/http/http-server.ts'
import { Connections } from '../../../server/http/connections.ts'
import { followTlsFiles, readTlsFiles, type TlsFiles } from '../../../server/http/tls-files.ts'
import { eventually } from '../../support/eventually.ts'
import { selfSigned } from '../../support/self-signed.ts'
import { skipTest } from '../../support/skip-test.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'

interface TlsServer {
  port: number
  files: TlsFiles
  failures: unknown[]
  connections: Connections
}

async function writePair({ cert, key }: TlsFiles, host: string): Promise<void> {
  const pair = await selfSigned(host)
  // As certbot and Kubernetes do: the new file takes the place of the old one.
  for (const [file, text] of [
    [cert, pair.cert],
    [key, pair.key],
  ] as const) {
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
  }
}

async function aTlsServer(limits = { total: 100, perAddress: 100 }): Promise<TlsServer> {
  const folder = await temporaryDirectory()
  const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') }
  await writePair(files, 'one.example')
  const tls = await readTlsFiles(files)
  const connections = new Connections(limits, { now: () => Date.now() })
  const logger = pino({ level: 'silent' })
  const http = createHttpServer(
    (incoming, response) => response.end(connections.isBeyondLimit(incoming.socket) ? 'beyond' : 'ok'),
    logger,
    { tls, connections },
  )
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const failures: unknown[] = []
  const ending = new AbortController()
  const report = { onReload: () => undefined, onFailure: (error: unknown) => failures.push(error) }
  const schedule = { first: 20, every: 20 }
  const following = followTlsFiles(http as never, files, tls, report, ending.signal, schedule)
  afterThisTest(async () => {
    ending.abort()
    await following
    http.closeAllConnections()
    http.close()
  })
  return { port: (http.address() as { port: number }).port, files, failures, connections }
}

/** The host in the certificate that the server shows. */
async function shownHost(port: number): Promise<string | undefined> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

async function bodyOf(port: number, ca?: string): Promise<string> {
  const sent = request({
    port,
    host: '127.0.0.1',
    path: '/livez',
    agent: false,
    ca,
    rejectUnauthorized: false,
  })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [AsyncIterable<Buffer>]
  let text = ''
  for await (const chunk of answer) text += chunk.toString()
  return text
}

describe('a server that speaks TLS itself', function () {
  this.timeout(30_000)
  before(function () {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' })
    } catch {
      skipTest(this, 'openssl is not installed')
    }
  })

  it('answers over TLS 1.2 and 1.3, and over nothing older', async () => {
    const { port } = await aTlsServer()
    expect(await bodyOf(port)).to.equal('ok')
    const handshake = async (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string> => {
      const options = { minVersion: version, maxVersion: version, rejectUnauthorized: false } as const
      const ciphers = version === 'TLSv1.1' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}
      const socket: TLSSocket = connect({ port, host: '127.0.0.1', ...options, ...ciphers })
      const outcome = await Promise.race([
        once(socket, 'secureConnect').then(() => 'open'),
        once(socket, 'error').then(() => 'refused'),
      ]).catch(() => 'refused')
      socket.destroy()
      return outcome
    }
    expect(await handshake('TLSv1.2')).to.equal('open')
    expect(await handshake('TLSv1.3')).to.equal('open')
    expect(await handshake('TLSv1.1')).to.equal('refused')
  })

  it('shows a new certificate to new connections once its files were replaced', async () => {
    const { port, files } = await aTlsServer()
    expect(await shownHost(port)).to.equal('one.example')
    await writePair(files, 'two.example')
    await eventually('the new certificate is used', async () => (await shownHost(port)) === 'two.example')
  })

  it('goes on with the certificate before while certificate and key do not belong together', async () => {
    const { port, files, failures } = await aTlsServer()
    await writeFile(files.key, (await selfSigned('other.example')).key)
    await eventually('it is noticed', () => failures.length > 0)
    expect(await shownHost(port)).to.equal('one.example')
    await writePair(files, 'two.example')
    await eventually('the new pair is used', async () => (await shownHost(port)) === 'two.example')
  })

  it('ends what is no TLS, and goes on', async () => {
    const { port } = await aTlsServer()
    for (const text of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\u0016\u0003\u0001', 'x'.repeat(10_000)]) {
      const socket = connectPlain(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.end(text)
      socket.resume()
      await once(socket, 'close')
    }
    expect(await bodyOf(port)).to.equal('ok')
  })

  it('counts connections, also those whose handshake never ends, and knows which are beyond the limit', async () => {
    const { port, connections } = await aTlsServer({ total: 2, perAddress: 10 })
    const silent = connectPlain(port, '127.0.0.1')
    silent.on('error', () => undefined)
    await once(silent, 'connect')
    await eventually('it is counted', () => connections.size === 1)
    expect(await bodyOf(port)).to.equal('ok')
    silent.destroy()
    await eventually('all are gone', () => connections.size === 0)
    expect(await bodyOf(port)).to.equal('ok')
  })

  it('refuses to start with files that it cannot use, and says which settings name them', async () => {
    const folder = await temporaryDirectory()
    await writeFile(path.join(folder, 'cert.pem'), 'no certificate')
    await writeFile(path.join(folder, 'key.pem'), 'no key')
    for (const cert of ['cert.pem', 'nowhere.pem']) {
      const config = loadConfig({ SLIPWAY_TLS_CERT: cert, SLIPWAY_TLS_KEY: 'key.pem' }, folder)
      const failed = await composeServer(config, pino({ level: 'silent' }), { now: Date.now }).catch(
        (error: unknown) => error,
      )
      expect(failed).to.be.instanceOf(ConfigError)
      expect((failed as Error).message).to.include('SLIPWAY_TLS_CERT')
    }
    expect(() => loadConfig({ SLIPWAY_TLS_CERT: 'cert.pem' }, folder)).to.throw(
      ConfigError,
      'SLIPWAY_TLS_KEY',
    )
    expect(() => loadConfig({ SLIPWAY_TLS_KEY: 'key.pem' }, folder)).to.throw(ConfigError, 'SLIPWAY_TLS_CERT')
  })
})
