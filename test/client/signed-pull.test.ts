import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Verdict } from '../../client/install/shell-command.ts'
import { signDigest } from '../../client/signing/sign-digest.ts'
import { SignatureCheck } from '../../client/signing/signature-check.ts'
import { readSigners } from '../../signatures/trusted-signers.ts'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { aKeyPair, type KeyPair } from '../support/key-pairs.ts'
import { lyingServer } from '../support/lying-server.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { runSlipway, type Ran } from '../support/run-slipway.ts'
import { digestOf } from '../support/serve-archive.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { GITHUB, SigstoreInstance } from '../support/sigstore-instance.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A folder with a pair of keys and an archive, in which commands run. */
interface Workshop {
  folder: string
  archive: Buffer
  slipway: (...args: string[]) => Promise<Ran>
}

async function aWorkshop(url: string, pair: KeyPair = aKeyPair()): Promise<Workshop> {
  const folder = await temporaryDirectory()
  const archive = anArchive()
  const files = { 'signing.key': pair.privatePem, 'signing.pub': pair.publicPem, 'bot.tar.gz': archive }
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content)
  await writeFile(path.join(folder, 'other.pub'), aKeyPair().publicPem)
  const env = { SLIPWAY_URL: url }
  return { folder, archive, slipway: (...args) => callSlipway(args, { env, cwd: folder }) }
}

const pullArgs = ({ url }: ServerUnderTest, ...more: string[]): string[] => [
  'pull',
  `${url}/models/shop@latest`,
  '--to',
  'models',
  ...more,
]

describe('slipway pull --verify-key', function () {
  this.timeout(60_000)

  it('installs what the key signed, once', async () => {
    const server = await aServer()
    const { slipway, folder, archive } = await aWorkshop(server.url)
    const pushed = await slipway('push', 'bot.tar.gz', '--model', 'shop', '--sign', 'signing.key')
    expect([pushed.code, pushed.error]).to.deep.equal([0, ''])
    const args = pullArgs(server, '--verify-key', 'signing.pub', '--json')
    for (const event of ['installed', 'unchanged']) {
      const { code, out, error } = await slipway(...args)
      expect([code, error]).to.deep.equal([0, ''])
      expect(JSON.parse(out)).to.include({ event, digest: digestOf(archive) })
    }
    expect(Object.values(await archivesOf(path.join(folder, 'models')))).to.deep.equal([digestOf(archive)])
  })

  it('installs what was signed apart, and goes on by keys that are replaced', async () => {
    const server = await aServer()
    const { slipway } = await aWorkshop(server.url, aKeyPair('P-384'))
    const signed = await slipway('sign', 'bot.tar.gz', '--key', 'signing.key')
    expect(signed.out).to.match(/\/bot\.tar\.gz\.sigstore\.json\n$/)
    const bundle = 'bot.tar.gz.sigstore.json'
    expect((await slipway('push', 'bot.tar.gz', '--model', 'shop', '--bundle', bundle)).code).to.equal(0)
    expect(
      (await slipway(...pullArgs(server, '--verify-key', 'other.pub', '--verify-key', 'signing.pub'))).code,
    ).to.equal(0)
    // The new key alone did not sign what is installed.
    const { code, error } = await slipway(...pullArgs(server, '--verify-key', 'other.pub'))
    expect(code).to.equal(4)
    expect(error).to.match(/signature of release 1 was made with another key/)
  })

  const refused: [what: string, publish: (workshop: Workshop) => Promise<unknown>, reason: RegExp][] = [
    [
      'unsigned',
      ({ slipway }) => slipway('push', 'bot.tar.gz', '--model', 'shop'),
      /release 1 is not signed/,
    ],
    [
      'signed by another key',
      async ({ slipway, folder }) => {
        await writeFile(path.join(folder, 'other.key'), aKeyPair().privatePem)
        return slipway('push', 'bot.tar.gz', '--model', 'shop', '--sign', 'other.key')
      },
      /made with another key, or changed since; trusted here: the key [0-9a-f]{12}/,
    ],
  ]
  for (const [what, publish, reason] of refused) {
    it(`installs nothing that is ${what}: exit code 4`, async () => {
      const server = await aServer()
      const workshop = await aWorkshop(server.url)
      await publish(workshop)
      const { code, error } = await workshop.slipway(...pullArgs(server, '--verify-key', 'signing.pub'))
      expect(code).to.equal(4)
      expect(error).to.match(reason)
      expect(await archivesOf(path.join(workshop.folder, 'models'))).to.deep.equal({})
      // Not a byte of it was asked for but its head.
      expect(server.traffic.transfers).to.equal(0)
    })
  }

  it('keeps what is in place while --watch meets what is not signed', async () => {
    const server = await aServer()
    const { slipway, folder, archive } = await aWorkshop(server.url)
    await slipway('push', 'bot.tar.gz', '--model', 'shop', '--sign', 'signing.key')
    await slipway(...pullArgs(server, '--verify-key', 'signing.pub'))
    await server.publish(anArchive())
    const { out } = await runSlipway(
      pullArgs(server, '--verify-key', 'signing.pub', '--watch', '--interval', '0.05', '--json'),
      { cwd: folder, endAfter: '"failed"' },
    )
    const event = JSON.parse(out.split('\n')[0] ?? '') as { event: string; kind: string }
    expect([event.event, event.kind]).to.deep.equal(['failed', 'unsound'])
    expect(Object.values(await archivesOf(path.join(folder, 'models')))).to.deep.equal([digestOf(archive)])
  })

  it('installs from a file by a bundle beside it, and nothing by the bundle of another', async () => {
    const { slipway, folder } = await aWorkshop('http://127.0.0.1:9')
    await slipway('sign', 'bot.tar.gz', '--key', 'signing.key', '--out', 'x.json')
    await writeFile(path.join(folder, 'other.tar.gz'), anArchive())
    const verify = ['--verify-key', 'signing.pub', '--bundle', 'x.json']
    expect((await slipway('pull', '--model', 'other.tar.gz', '--to', 'a', ...verify)).code).to.equal(4)
    expect(await archivesOf(path.join(folder, 'a'))).to.deep.equal({})
    expect((await slipway('pull', '--model', 'bot.tar.gz', '--to', 'b', ...verify)).code).to.equal(0)
  })

  it('installs nothing from a server that lies about the bytes or the signature', async () => {
    const [good, evil] = [anArchive(), anArchive()]
    const pair = aKeyPair()
    const bundle = signDigest(digestOf(good), 'bot.tar.gz', pair.privateKey)
    const { slipway, folder } = await aWorkshop('http://127.0.0.1:9', pair)
    const answers = [
      // The headers say what was signed, and other bytes follow.
      { 'Repr-Digest': `sha-256=:${Buffer.from(digestOf(good), 'hex').toString('base64')}:` },
      // The headers say nothing, and other bytes follow.
      {},
    ]
    for (const headers of answers) {
      const server = await lyingServer((request, response) => {
        if (request.url?.endsWith('/bundle')) return response.end(bundle)
        return response.writeHead(200, { 'Slipway-Release': '7', ...headers }).end(evil)
      })
      const { code } = await slipway('pull', server.url, '--to', 'models', '--verify-key', 'signing.pub')
      expect(code).to.equal(4)
      expect(await archivesOf(path.join(folder, 'models'))).to.deep.equal({})
    }
  })

  it('installs by an identity', async () => {
    const server = await aServer()
    const { slipway, folder, archive } = await aWorkshop(server.url)
    const sigstore = new SigstoreInstance()
    await writeFile(path.join(folder, 'root.json'), sigstore.trustedRoot())
    await writeFile(path.join(folder, 'att.json'), sigstore.attest({ digest: digestOf(archive) }))
    await slipway('push', 'bot.tar.gz', '--model', 'shop', '--bundle', 'att.json')
    const by = (identity: string) =>
      slipway(
        ...pullArgs(
          server,
          '--verify-identity',
          identity,
          '--verify-issuer',
          GITHUB,
          '--trusted-root',
          'root.json',
        ),
      )
    expect((await by('https://github\\.com/acme/other/.*')).code).to.equal(4)
    expect((await by('https://github\\.com/acme/shop/.*')).code).to.equal(0)
  })

  const wrong: [args: string[], reason: RegExp][] = [
    [['--verify-key', 'signing.key'], /private key/],
    [['--verify-key', 'missing.pub'], /missing\.pub cannot be read/],
    [['--verify-identity', '.*'], /go together/],
    [['--verify-identity', '.*', '--verify-issuer', GITHUB], /--trusted-root/],
    [['--bundle', 'x'], /go with --verify-key/],
  ]
  for (const [args, reason] of wrong) {
    it(`says what is wrong with ${args.join(' ')}: exit code 2`, async () => {
      const { slipway } = await aWorkshop('http://127.0.0.1:9')
      const { code, error } = await slipway('pull', 'http://127.0.0.1:9/models/shop', '--to', 'm', ...args)
      expect([code, error]).to.satisfy(([exit, text]: [number, string]) => exit === 2 && reason.test(text))
      expect(error).to.not.match(/MIG|BEGIN PRIVATE/)
    })
  }
})

describe('a puller that asks for signatures', () => {
  const pair = aKeyPair()
  const signature = new SignatureCheck({ signers: readSigners([{ key: pair.publicPem }]) })
  const away = 'http://127.0.0.1:9/models/shop'

  it('takes nothing for good that was installed without one, also where the source is away', async () => {
    const server = await aServer()
    const to = await temporaryDirectory()
    await server.publish(anArchive())
    const url = `${server.url}/models/shop`
    expect((await pullerOf(url, to).pull()).event).to.equal('installed')
    const strict = { signature, idleTimeout: 200 }
    expect(await pullerOf(url, to, strict).pull()).to.include({
      event: 'failed',
      kind: 'unsound',
      installed: null,
    })
    expect((await pullerOf(away, to, { idleTimeout: 200 }).pull()).event).to.equal('offline')
    expect(await pullerOf(away, to, strict).pull()).to.include({
      event: 'failed',
      kind: 'source',
      installed: null,
    })
  })

  it('goes on with what was installed without one, once the same is signed', async () => {
    const server = await aServer()
    const to = await temporaryDirectory()
    const archive = anArchive()
    await server.publish(archive)
    const url = `${server.url}/models/shop`
    await pullerOf(url, to).pull()
    const form = new FormData()
    form.set('model', new Blob([Uint8Array.from(archive)]))
    form.set('bundle', signDigest(digestOf(archive), 'bot.tar.gz', pair.privateKey))
    expect((await fetch(url, { method: 'POST', body: form })).status).to.equal(200)
    const { pull, notices } = pullerOf(url, to, { signature })
    expect((await pull()).event).to.equal('unchanged')
    expect(notices).to.deep.equal([])
    expect((await pullerOf(away, to, { signature, idleTimeout: 200 }).pull()).event).to.equal('offline')
    // From then on it says what it has, and is told that it has it.
    expect((await pull()).event).to.equal('unchanged')
  })

  it('does not have a command try what came without one, and is pending', async () => {
    const server = await aServer()
    const to = await temporaryDirectory()
    await server.publish(anArchive())
    const url = `${server.url}/models/shop`
    const tried: string[] = []
    const postpone = (): Promise<Verdict> => Promise.resolve({ kind: 'postponed', reason: 'busy' })
    const note = ({ digest }: { digest: string }): Promise<Verdict> => {
      tried.push(digest)
      return Promise.resolve({ kind: 'accepted' })
    }
    expect(await pullerOf(url, to, { onChange: postpone, idleTimeout: 200 }).pull()).to.include({
      kind: 'postponed',
    })
    expect(await pullerOf(url, to, { onChange: note, signature }).pull()).to.include({ kind: 'unsound' })
    expect(tried).to.deep.equal([])
    expect(await archivesOf(to)).to.deep.equal({})
  })
})

describe('slipway sign', function () {
  this.timeout(30_000)

  it('signs with a key that a passphrase opens', async () => {
    const { folder } = await aWorkshop('http://127.0.0.1:9')
    const { privateKey } = aKeyPair()
    const pem = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    })
    await writeFile(path.join(folder, 'locked.key'), pem)
    const sign = (env: Record<string, string>) =>
      callSlipway(['sign', 'bot.tar.gz', '--key', 'locked.key'], { cwd: folder, env })
    expect((await sign({ SLIPWAY_KEY_PASSPHRASE: 'open sesame' })).code).to.equal(0)
    const { code, error } = await sign({ SLIPWAY_KEY_PASSPHRASE: 'close sesame' })
    expect(code).to.equal(2)
    expect(error)
      .to.match(/SLIPWAY_KEY_PASSPHRASE/)
      .and.not.include('sesame')
    expect((await sign({})).code).to.equal(2)
  })

  it('refuses what is no private key that archives are signed with', async () => {
    const { slipway, folder } = await aWorkshop('http://127.0.0.1:9')
    await writeFile(path.join(folder, 'k1.key'), aKeyPair('secp256k1').privatePem)
    for (const [key, reason] of [
      ['signing.pub', /public key/],
      ['bot.tar.gz', /cannot be read as a private key/],
      ['k1.key', /another kind/],
      ['missing', /cannot be read/],
    ] as const) {
      const { code, error } = await slipway('sign', 'bot.tar.gz', '--key', key)
      expect(code, key).to.equal(2)
      expect(error).to.match(reason)
    }
    expect((await readFile(path.join(folder, 'bot.tar.gz'))).length).to.be.above(0)
  })

  it('ends with 3 where there is no such archive', async () => {
    const { slipway } = await aWorkshop('http://127.0.0.1:9')
    expect((await slipway('sign', 'missing.tar.gz', '--key', 'signing.key')).code).to.equal(3)
  })
})
