import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Model } from '../../../protocol/model.ts'
import type { Problem } from '../../../protocol/problem.ts'
import type { Release } from '../../../protocol/release.ts'
import type { SignaturePolicy } from '../../../protocol/signature.ts'
import { signDigest } from '../../../client/signing/sign-digest.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aKeyPair } from '../../support/key-pairs.ts'
import { FORM_TYPE, formOf, type Part } from '../../support/multipart.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { digestOf } from '../../support/serve-archive.ts'
import { aServer, type ServerOptions, type ServerUnderTest } from '../../support/server-under-test.ts'
import { GITHUB, SigstoreInstance, WORKFLOW } from '../../support/sigstore-instance.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const archive = anArchive()
const digest = digestOf(archive)
const pair = aKeyPair()
const bundle = signDigest(digest, 'bot.tar.gz', pair.privateKey)
const file: Part = { name: 'model', filename: 'bot.tar.gz', content: archive }
const signed: Part = { name: 'bundle', filename: 'bundle.json', content: bundle }
const keyPolicy: SignaturePolicy = { require: [{ key: pair.publicPem }] }

type Answer<Body> = Promise<{ status: number; body: Body }>

async function post(server: ServerUnderTest, parts: readonly Part[]): Answer<Release & Problem> {
  const answer = await fetch(`${server.url}/models/shop`, {
    method: 'POST',
    body: Uint8Array.from(formOf(parts)),
    headers: { 'Content-Type': FORM_TYPE },
  })
  return { status: answer.status, body: (await answer.json()) as Release & Problem }
}

async function patch(server: ServerUnderTest, change: unknown): Answer<Model & Problem> {
  const answer = await fetch(`${server.url}/api/v1/models/shop`, {
    method: 'PATCH',
    body: JSON.stringify(change),
    headers: { 'Content-Type': 'application/json' },
  })
  return { status: answer.status, body: (await answer.json()) as Model & Problem }
}

/** A server whose model has a release, and requires signatures from then on. */
async function aStrictServer(
  signatures: SignaturePolicy,
  options: ServerOptions = {},
): Promise<ServerUnderTest> {
  const server = await aServer(options)
  await server.publish(anArchive())
  expect((await patch(server, { signatures })).status).to.equal(200)
  return server
}

async function releasesOf(server: ServerUnderTest): Promise<number> {
  return ((await (await fetch(`${server.url}/api/v1/models/shop`)).json()) as Model).releases
}

describe('publishing a signed archive', () => {
  for (const [how, parts] of Object.entries<Part[]>({
    'a file before the archive': [signed, file],
    'a file behind the archive': [file, signed],
    'a text before the archive': [{ name: 'bundle', content: bundle }, file],
    'a text behind the archive': [file, { name: 'bundle', content: bundle }],
  })) {
    it(`keeps the signature that came as ${how}`, async () => {
      const server = await aServer()
      const { status, body } = await post(server, parts)
      expect(status).to.equal(201)
      expect(body.signature).to.deep.equal({
        format: 'model-signing',
        verified: false,
        key: null,
        identity: null,
        issuer: null,
      })
      const answer = await fetch(`${server.url}/api/v1/models/shop/releases/1/bundle`)
      expect(answer.headers.get('content-type')).to.equal('application/vnd.dev.sigstore.bundle.v0.3+json')
      expect(await answer.text()).to.equal(bundle)
      const etag = answer.headers.get('etag') ?? ''
      const again = await fetch(answer.url, { headers: { 'If-None-Match': etag } })
      expect(again.status).to.equal(304)
    })
  }

  it('keeps it beside an archive of many megabytes', async () => {
    const large = anArchive({ payloadBytes: 5_000_000 })
    const ofLarge = signDigest(digestOf(large), 'bot.tar.gz', pair.privateKey)
    const server = await aStrictServer(keyPolicy)
    for (const parts of [
      [
        { ...signed, content: ofLarge },
        { ...file, content: large },
      ],
      [
        { ...file, content: large },
        { ...signed, content: ofLarge },
      ],
    ]) {
      expect((await post(server, parts)).body.signature).to.include({ verified: true })
    }
  })

  it('refuses a signature of other bytes, and what is none', async () => {
    const server = await aServer()
    const ofOther = signDigest(digestOf(Buffer.from('other')), 'bot.tar.gz', pair.privateKey)
    for (const content of [ofOther, 'x', '{}', '']) {
      const { status, body } = await post(server, [file, { ...signed, content }])
      expect([status, body.code], content).to.deep.equal([422, 'signature-refused'])
    }
    expect(server.current.find('shop')).to.equal(undefined)
  })

  it('refuses two signatures, and one that is too long', async () => {
    const server = await aServer()
    const text = { name: 'bundle', content: bundle }
    const long = ' '.repeat(70_000)
    for (const [parts, code] of [
      [[signed, file, signed], 'multipart-malformed'],
      [[signed, file, text], 'multipart-malformed'],
      [[text, text, file], 'multipart-malformed'],
      [[{ name: 'bundle[a]', content: bundle }, file], 'multipart-malformed'],
      [[file, { ...signed, content: long }], 'bundle-too-large'],
      [[signed], 'archive-missing'],
    ] as const) {
      expect((await post(server, parts)).body.code).to.equal(code)
    }
    expect((await post(server, [file, { ...text, content: long }])).body.code).to.be.oneOf([
      'multipart-malformed',
      'bundle-too-large',
    ])
    expect(server.current.find('shop')).to.equal(undefined)
    expect((await post(server, [file])).status).to.equal(201)
  })

  it('answers 404 for the signature of a release that has none', async () => {
    const server = await aServer()
    await server.publish(archive)
    const answer = await fetch(`${server.url}/api/v1/models/shop/releases/1/bundle`)
    expect(answer.status).to.equal(404)
    expect(((await answer.json()) as Problem).code).to.equal('bundle-not-found')
  })

  it('gives signatures to whoever may pull', async () => {
    const server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
    await server.publish(archive)
    const address = `${server.url}/api/v1/models/shop/releases/1/bundle`
    expect((await fetch(address)).status).to.equal(401)
    expect((await fetch(`${address}?token=the-pull-token`)).status).to.equal(404)
  })

  it('adds a signature to the release that lacked it', async () => {
    const server = await aServer()
    await server.publish(archive)
    const { status, body } = await post(server, [file, signed])
    expect([status, body.number, body.signature?.format]).to.deep.equal([200, 1, 'model-signing'])
    expect((await fetch(`${server.url}/api/v1/models/shop/releases/1/bundle`)).status).to.equal(200)
  })
})

describe('a model that requires signatures', () => {
  it('takes what one of its keys signed, and says who did', async () => {
    const server = await aStrictServer({
      require: [{ key: aKeyPair('P-384').publicPem }, ...keyPolicy.require],
    })
    const { status, body } = await post(server, [file, signed])
    expect(status).to.equal(201)
    expect(body.signature).to.include({ verified: true, identity: null })
    expect(body.signature?.key).to.match(/^[0-9a-f]{64}$/)
  })

  it('refuses what nobody signed, says whose signature it expects, and keeps nothing', async () => {
    const server = await aStrictServer(keyPolicy)
    const { status, body } = await post(server, [file])
    expect([status, body.code]).to.deep.equal([422, 'signature-required'])
    expect(body.detail).to.match(/signed by the key [0-9a-f]{12}.*slipway push --sign/)
    expect(await server.blobs.stat(digest)).to.equal(undefined)
    expect(await releasesOf(server)).to.equal(1)
  })

  it('refuses an archive that comes alone before a byte of it travels', async () => {
    const server = await aStrictServer(keyPolicy)
    const connection = await RawConnection.open(server.port)
    connection.send(
      'POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n',
    )
    const { status, body } = await connection.answered()
    expect([status, (JSON.parse(body.toString()) as Problem).code]).to.deep.equal([422, 'signature-required'])
  })

  it('refuses what another key signed, and keeps nothing', async () => {
    const server = await aStrictServer({ require: [{ key: aKeyPair().publicPem }] })
    const { status, body } = await post(server, [file, signed])
    expect([status, body.code]).to.deep.equal([422, 'signature-refused'])
    expect(body.detail).to.match(/another key.*trusted here: the key [0-9a-f]{12}/)
    expect(await server.blobs.stat(digest)).to.equal(undefined)
    expect(await releasesOf(server)).to.equal(1)
  })

  it('takes and refuses by identity', async () => {
    const sigstore = new SigstoreInstance()
    const root = path.join(await temporaryDirectory(), 'root.json')
    await writeFile(root, sigstore.trustedRoot())
    const policy = { require: [{ identity: 'https://github\\.com/acme/shop/.*', issuer: GITHUB }] }
    const server = await aStrictServer(policy, { env: { SLIPWAY_TRUSTED_ROOT: root } })
    const attested = { ...signed, content: sigstore.attest({ digest }) }
    const { body } = await post(server, [file, attested])
    expect(body.signature).to.deep.equal({
      format: 'slsa-provenance',
      verified: true,
      key: null,
      identity: WORKFLOW,
      issuer: GITHUB,
    })
    const evil = sigstore.attest({
      digest,
      identity: 'https://github.com/evil/shop/.github/workflows/a.yml@x',
    })
    const refused = await post(server, [file, { ...signed, content: evil }])
    expect([refused.status, refused.body.code]).to.deep.equal([422, 'signature-refused'])
  })

  it('refuses an unsigned repetition of what it has signed', async () => {
    const server = await aStrictServer(keyPolicy)
    await post(server, [file, signed])
    expect((await post(server, [file])).body.code).to.equal('signature-required')
    expect((await post(server, [file, signed])).status).to.equal(200)
  })

  it('keeps a verified signature where a worse one comes later', async () => {
    const server = await aStrictServer(keyPolicy)
    await post(server, [file, signed])
    await patch(server, { signatures: null })
    const worse = signDigest(digest, 'bot.tar.gz', aKeyPair().privateKey)
    const { body } = await post(server, [file, { ...signed, content: worse }])
    expect(body.signature).to.include({ verified: true })
    expect(await (await fetch(`${server.url}/api/v1/models/shop/releases/2/bundle`)).text()).to.equal(bundle)
  })

  it('that can run code alone takes others without', async () => {
    const server = await aStrictServer({ ...keyPolicy, when: 'executable' })
    const path = 'components/train_KeywordIntentClassifier1/extra.pkl'
    const executable = anArchive({ members: [{ path, content: 'x' }] })
    const refused = await post(server, [{ ...file, content: executable }])
    expect([refused.status, refused.body.code]).to.deep.equal([422, 'signature-required'])
    expect(refused.body.detail).to.include('archives that can run code only where they are signed')
    const other = signDigest(digestOf(executable), 'a', aKeyPair().privateKey)
    const ofOther = await post(server, [
      { ...file, content: executable },
      { ...signed, content: other },
    ])
    expect(ofOther.body.code).to.equal('signature-refused')
    const own = signDigest(digestOf(executable), 'a', pair.privateKey)
    const taken = await post(server, [
      { ...file, content: executable },
      { ...signed, content: own },
    ])
    expect(taken.body.archive.executables?.[0]?.format).to.equal('pickle')
    expect(taken.body.signature).to.include({ verified: true })
    expect((await post(server, [file])).body.signature).to.equal(null)
    expect((await post(server, [file, signed])).body.signature).to.include({ verified: true })
  })

  it('tells its rules, and takes unsigned archives once they are lifted', async () => {
    const server = await aStrictServer(keyPolicy)
    expect(
      ((await (await fetch(`${server.url}/api/v1/models/shop`)).json()) as Model).signatures,
    ).to.deep.equal(keyPolicy)
    for (const signatures of [null, { require: [] }]) {
      expect((await patch(server, { signatures: keyPolicy })).body.signatures).to.deep.equal(keyPolicy)
      expect((await patch(server, { signatures })).body.signatures).to.equal(null)
    }
    expect((await post(server, [file])).status).to.equal(201)
  })

  const useless: [what: string, signatures: unknown, code: string][] = [
    ['a private key', { require: [{ key: pair.privatePem }] }, 'signatures-invalid'],
    ['a key of another curve', { require: [{ key: aKeyPair('secp256k1').publicPem }] }, 'signatures-invalid'],
    [
      'an identity, without a trusted root',
      { require: [{ identity: '.*', issuer: GITHUB }] },
      'signatures-invalid',
    ],
    ['a pattern that is none', { require: [{ identity: '(', issuer: GITHUB }] }, 'signatures-invalid'],
    ['an identity without an issuer', { require: [{ identity: '.*' }] }, 'invalid-body'],
    ['something else', { require: 'everything' }, 'invalid-body'],
  ]
  for (const [what, signatures, code] of useless) {
    it(`cannot require ${what}: ${code}`, async () => {
      const server = await aServer()
      await server.publish(anArchive(), { query: 'tag=production' })
      const { status, body } = await patch(server, { defaultTag: 'production', signatures })
      expect([status, body.code]).to.deep.equal([code === 'invalid-body' ? 400 : 422, code])
      const model = (await (await fetch(`${server.url}/api/v1/models/shop`)).json()) as Model
      expect(model).to.include({ defaultTag: 'latest', signatures: null })
      if (typeof pair.privatePem === 'string')
        expect(body.detail ?? '').to.not.include(pair.privatePem.slice(30, 60))
    })
  }

  it('changes nothing where a change names nothing', async () => {
    const server = await aServer()
    await server.publish(archive)
    expect((await patch(server, {})).body.code).to.equal('invalid-body')
  })
})
