import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { runSlipway } from '../support/run-slipway.ts'
import { skipTest } from '../support/skip-test.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const bytes = anArchive({ payloadBytes: 5000 })

/** A model server with a certificate of an authority of its own. */
async function encryptedServer(subject: string): Promise<{ url: string; ca: string }> {
  const folder = await temporaryDirectory()
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  }
  openssl(
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -keyout ca.key -out ca.pem'.split(
      ' ',
    ),
    '-subj',
    '/CN=our authority',
  )
  openssl(
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -CA ca.pem -CAkey ca.key -keyout key -out pem'.split(
      ' ',
    ),
    ...['-subj', '/CN=models', '-addext', `subjectAltName=${subject}`],
  )
  const read = (name: string): Buffer => readFileSync(path.join(folder, name))
  const server = createServer({ key: read('key'), cert: read('pem') }, ({ headers }, response) => {
    if (headers['if-none-match'] === '"x"') response.writeHead(304).end()
    else response.writeHead(200, { ETag: '"x"', 'Content-Length': bytes.length }).end(bytes)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/model`,
    ca: path.join(folder, 'ca.pem'),
  }
}

async function diagnose(
  url: string,
  env: Record<string, string>,
): Promise<{ code: number | null; codes: string[] }> {
  const { code, out } = await runSlipway(['doctor', url, '--json'], { env })
  const { findings } = JSON.parse(out) as { findings: { code?: string }[] }
  return { code, codes: findings.flatMap((finding) => finding.code ?? []) }
}

describe('slipway doctor and certificates, as a program', function () {
  this.timeout(60_000)

  before(function () {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' })
    } catch {
      skipTest(this, 'openssl is not installed')
    }
  })

  it('says that Rasa needs SSL_CERT_FILE for a private authority, whatever Node trusts', async () => {
    const { url, ca } = await encryptedServer('IP:127.0.0.1')
    expect(await diagnose(url, {})).to.deep.equal({ code: 1, codes: ['tls-untrusted'] })
    expect(await diagnose(url, { NODE_EXTRA_CA_CERTS: ca })).to.deep.equal({
      code: 1,
      codes: ['tls-untrusted'],
    })
  })

  it('says that the puller needs NODE_EXTRA_CA_CERTS where Rasa is content', async () => {
    const { url, ca } = await encryptedServer('IP:127.0.0.1')
    expect(await diagnose(url, { SSL_CERT_FILE: ca })).to.deep.equal({
      code: 0,
      codes: ['tls-not-for-puller', 'parts-refused'],
    })
    expect(await diagnose(url, { SSL_CERT_FILE: ca, NODE_EXTRA_CA_CERTS: ca })).to.deep.equal({
      code: 0,
      codes: ['parts-refused'],
    })
  })

  it('says that the certificate is for another name', async () => {
    const { url, ca } = await encryptedServer('DNS:models.example.com')
    expect(await diagnose(url, { SSL_CERT_FILE: ca })).to.deep.equal({ code: 1, codes: ['tls-wrong-name'] })
  })

  it('says that the file of SSL_CERT_FILE cannot be read', async () => {
    const { url } = await encryptedServer('IP:127.0.0.1')
    const { codes } = await diagnose(url, { SSL_CERT_FILE: '/nowhere/ca.pem' })
    expect(codes).to.deep.equal(['ssl-cert-file', 'tls-untrusted'])
  })
})
