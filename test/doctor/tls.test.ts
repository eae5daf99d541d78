import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { encryptedServer } from '../support/encrypted-server.ts'
import { runSlipway } from '../support/run-slipway.ts'
import { skipTest } from '../support/skip-test.ts'

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
