import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { parse } from 'yaml'
import { signDigest } from '../../client/signing/sign-digest.ts'
import type { Release } from '../../protocol/release.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aKeyPair } from '../support/key-pairs.ts'
import { anIssuer } from '../support/oidc-issuer.ts'
import { digestOf } from '../support/serve-archive.ts'
import { aServer } from '../support/server-under-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')
const PROGRAM = path.join(CHECKOUT, 'deploy/ci/publish.mjs')
const TOKEN = 'a-publish-token-of-some-length'

interface Ran {
  code: number
  out: string
  summary: string
  outputs: string
}

const answering = (text: string) => ({ utter_hello: [{ text }] })

describe('publishing from CI', function () {
  this.timeout(120_000)

  it('publishes with notes from the commit, promotes, and says what changed since the release before', async () => {
    const { url, request } = await aServer({ publishToken: TOKEN })
    const folder = await aCheckout('Train with more greetings')
    await publish(
      folder,
      url,
      anArchive({ metadata: { domain: { intents: ['hello', 'order'], responses: answering('Hi') } } }),
    )
    const second = await publish(
      folder,
      url,
      anArchive({ metadata: { domain: { intents: ['hello', 'pay'], responses: answering('Hello') } } }),
    )
    expect([second.code, second.outputs.split('\n')[0]], second.out).to.deep.equal([0, 'release=2'])
    expect(second.summary).to.include('### Release 2 of shop').and.include('release 1 → 2')
    expect(second.summary).to.include('| intents | + `pay`, − `order` |')
    expect(second.summary).to.include('| responses | ~ `utter_hello` |')
    const release = await request
      .get('/api/v1/models/shop/releases/2')
      .set('Authorization', `Bearer ${TOKEN}`)
    expect((release.body as { notes: string }).notes).to.match(
      /^Train with more greetings \([0-9a-f]+, A Person\)$/,
    )
    const tag = await request
      .get('/api/v1/models/shop/tags/production')
      .set('Authorization', `Bearer ${TOKEN}`)
    expect(tag.body).to.include({ release: 2 })
  })

  it('fails with the sentence of the server where an archive is refused, and shows no token', async () => {
    const { url } = await aServer({ publishToken: TOKEN })
    const { code, out } = await publish(await temporaryDirectory(), url, Buffer.from('not an archive'))
    expect(code).to.equal(8)
    expect(out).to.include('::error title=Slipway::The archive is not gzip').and.include('(archive-not-gzip)')
    expect(out.replaceAll(`::add-mask::${TOKEN}`, '')).not.to.include(TOKEN)
  })

  it('publishes a signed archive by the identity of the job, and shows no token', async () => {
    const [server, issuer] = [await aServer({ publishToken: TOKEN }), await anIssuer()]
    const publisher = {
      name: 'shop-ci',
      issuer: issuer.url,
      audience: 'https://models.example.com',
      claims: { repository_id: '123456789' },
      allow: ['publish:shop', 'promote:shop@production'],
    }
    await server.request
      .post('/api/v1/trust')
      .set('Authorization', `Bearer ${TOKEN}`)
      .send(publisher)
      .expect(201)
    const folder = await temporaryDirectory()
    const archive = anArchive()
    await writeFile(path.join(folder, 'shop.tar.gz'), archive)
    const bundle = signDigest(digestOf(archive), 'shop.tar.gz', aKeyPair().privateKey)
    await writeFile(path.join(folder, 'bundle.json'), bundle)
    const { code, out } = await run(folder, {
      INPUT_URL: server.url,
      INPUT_OIDC: 'true',
      INPUT_ARCHIVE: 'shop.tar.gz',
      INPUT_MODEL: 'shop',
      INPUT_BUNDLE: 'bundle.json',
      INPUT_TAG: 'production',
      SLIPWAY_ID_TOKEN: await issuer.issue(),
    })
    expect(code, out).to.equal(0)
    expect(out.replaceAll(/::add-mask::\S+/g, '')).not.to.match(/slipway_[0-9A-Za-z]{20}|eyJ/)
    const release = await server.request
      .get('/api/v1/models/shop/releases/1')
      .set('Authorization', `Bearer ${TOKEN}`)
    expect(release.body).to.deep.include({ publishedBy: 'shop-ci' })
    expect((release.body as Release).signature?.format).to.equal('model-signing')
  })

  it('writes no line that GitHub would take for a command, whatever the notes are, and keeps them as they are', async () => {
    const { url, request } = await aServer({ publishToken: TOKEN })
    const notes =
      '"quoted" \'too\' `id` $(touch ran) ${HOME} <b>&amp; | 100%0A::error::no\n::add-mask::shop\n##[error]no'
    const folder = await temporaryDirectory()
    const { code, out, summary, outputs } = await publish(folder, url, anArchive(), {
      INPUT_NOTES: notes,
    })
    expect(code, out).to.equal(0)
    expect(commandsIn(out)).to.deep.equal([`::add-mask::${TOKEN}`])
    expect(outputs.trim().split('\n')).to.have.length(3)
    expect(summary.split('\n').filter((line) => /^(?:::|##\[)/.test(line))).to.deep.equal([])
    expect(summary).to.include('\\`id\\` $(touch ran)')
    expect(await readdir(folder)).not.to.include('ran')
    const release = await request
      .get('/api/v1/models/shop/releases/1')
      .set('Authorization', `Bearer ${TOKEN}`)
    expect((release.body as Release).notes).to.equal(notes)
  })

  it('shortens notes that the address or the reason of a promotion has no room for', async () => {
    const { url, request } = await aServer({ publishToken: TOKEN })
    const { code, out } = await publish(await temporaryDirectory(), url, anArchive(), {
      INPUT_NOTES: '🚢'.repeat(9_000),
    })
    expect(code, out).to.equal(0)
    const release = await request
      .get('/api/v1/models/shop/releases/1')
      .set('Authorization', `Bearer ${TOKEN}`)
    expect((release.body as Release).notes).to.match(/^(?:🚢){100,}…$/u)
  })

  it('publishes nothing where a setting is wrong, and says which', async () => {
    const { url, request } = await aServer({ publishToken: TOKEN })
    for (const [inputs, code, sentence] of [
      [{ INPUT_TAG: 'Production/1' }, 2, 'tag is "Production/1"'],
      [{ INPUT_TAG: '../..' }, 2, 'tag is "../.."'],
      [{ INPUT_TAG: 'latest' }, 2, 'moves by itself'],
      [{ INPUT_MODEL: 'a b' }, 2, 'model is "a b"'],
      [{ INPUT_WAIT: '30m' }, 2, 'wait is "30m"'],
      [{ INPUT_URL: 'models.example.com' }, 2, 'url is no address'],
      [{ INPUT_URL: 'http://user:secret@127.0.0.1:1' }, 2, 'set token'],
      [{ INPUT_ARCHIVE: 'missing.tar.gz' }, 3, 'missing.tar.gz cannot be read: ENOENT'],
      [
        { INPUT_ARCHIVE: 'shop.tar.gz\nother.tar.gz' },
        3,
        'archive is one file, and shop.tar.gz other.tar.gz',
      ],
      [{ INPUT_BUNDLE: 'missing.json' }, 3, 'bundle is one file, and missing.json'],
    ] as const) {
      const ran = await publish(await temporaryDirectory(), url, anArchive(), inputs)
      expect(ran.out).to.include('::error title=Slipway::').and.include(sentence)
      expect(ran.out).not.to.match(/secret|\n {4}at /)
      expect(ran.code, ran.out).to.equal(code)
    }
    await request.get('/api/v1/models/shop').set('Authorization', `Bearer ${TOKEN}`).expect(404)
  })

  it('says that a token is refused, and asks for none where oidc is false', async () => {
    const { url } = await aServer({ publishToken: TOKEN })
    const folder = await temporaryDirectory()
    const wrong = await publish(folder, url, anArchive(), { INPUT_TOKEN: 'another-token-of-some-length' })
    expect([wrong.code, wrong.out.includes('::error title=Slipway::')], wrong.out).to.deep.equal([8, true])
    const none = await publish(folder, url, anArchive(), { INPUT_TOKEN: '', INPUT_OIDC: 'false' })
    expect([none.code, none.out.includes('identity token')], none.out).to.deep.equal([8, false])
  })

  it('says so where the address redirects, or is not of Slipway', async () => {
    for (const [answer, sentence] of [
      [
        { status: 302, headers: { location: 'https://sign-in.example.com/' } },
        'redirects to https://sign-in.example.com/',
      ],
      [{ status: 200, headers: { 'content-type': 'text/html' } }, 'without JSON: is this Slipway?'],
    ] as const) {
      const other = createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(answer.status, answer.headers).end('<html>'))
      })
      await once(other.listen(0, '127.0.0.1'), 'listening')
      const { port } = other.address() as AddressInfo
      const { code, out } = await publish(await temporaryDirectory(), `http://127.0.0.1:${port}`, anArchive())
      other.closeAllConnections()
      other.close()
      expect([code, out.includes(sentence)], out).to.deep.equal([5, true])
    }
  })

  it('fails with the reason where the rollout is taken back, and says it in the summary too', async () => {
    const reason = '1 of 1 bots could not load it\n::error::no'
    const other = createServer((request, response) => {
      request.resume().on('end', () => {
        const { method = '', url = '' } = request
        const [, answer = { status: 404, body: {} }] =
          answersOfAReversion(reason).find(([route]) => `${method} ${url}`.startsWith(route)) ?? []
        response
          .writeHead(answer.status, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer.body))
      })
    })
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const { port } = other.address() as AddressInfo
    const { code, out, summary, outputs } = await publish(
      await temporaryDirectory(),
      `http://127.0.0.1:${port}`,
      anArchive(),
      { INPUT_WAIT: '600' },
    )
    other.closeAllConnections()
    other.close()
    expect(code, out).to.equal(1)
    expect(commandsIn(out)).to.deep.equal([
      `::add-mask::${TOKEN}`,
      '::error title=Slipway::the rollout of release 3 to shop@production is reverted: 1 of 1 bots could not load it ::error::no',
    ])
    expect(summary).to.include('| Rollout | reverted: 1 of 1 bots could not load it ::error::no |')
    expect(outputs).to.include('outcome=reverted')
  })

  it('says which setting is missing', async () => {
    const { code, out } = await run(await temporaryDirectory(), {})
    expect([code, out.trim()]).to.deep.equal([
      2,
      "error: url is not set (SLIPWAY_URL, or the action's input)",
    ])
  })

  it('has an action whose inputs are what the program reads', async () => {
    const action = parse(await readFile(path.join(CHECKOUT, 'action.yml'), 'utf8')) as {
      inputs: Record<string, unknown>
      runs: { main: string }
    }
    expect(path.join(CHECKOUT, action.runs.main)).to.equal(PROGRAM)
    const program = await readFile(PROGRAM, 'utf8')
    const read = [...program.matchAll(/(?:read|required)\('([A-Z]+)'\)/g)].map(([, name = '']) =>
      name.toLowerCase(),
    )
    expect([...new Set(read)].sort()).to.deep.equal(Object.keys(action.inputs).sort())
  })
})

/** What a server answers whose bots cannot load the release that is published. */
function answersOfAReversion(reason: string): [string, { status: number; body: object }][] {
  const rollout = {
    id: 'r1',
    state: 'reverted',
    step: 0,
    steps: [1],
    counts: { updated: 0, bots: 1 },
    reason,
  }
  const release = { number: 3, digest: 'a'.repeat(64), filename: 'shop.tar.gz', size: 100, archive: {} }
  return [
    ['POST /models/shop', { status: 201, body: release }],
    ['PUT /api/v1/models/shop/tags/production', { status: 200, body: { release: 3, rollout } }],
    ['GET /api/v1/models/shop/rollouts/r1', { status: 200, body: rollout }],
  ]
}

/** The lines that GitHub takes for commands. */
function commandsIn(out: string): string[] {
  return out.split('\n').filter((line) => /^\s*(?:::|##\[)/.test(line))
}

function publish(
  folder: string,
  url: string,
  archive: Uint8Array,
  inputs: Record<string, string> = {},
): Promise<Ran> {
  return writeFile(path.join(folder, 'shop.tar.gz'), archive).then(() =>
    run(folder, {
      INPUT_URL: url,
      INPUT_TOKEN: TOKEN,
      INPUT_ARCHIVE: 'shop.tar.gz',
      INPUT_MODEL: 'shop',
      INPUT_TAG: 'production',
      ...inputs,
    }),
  )
}

/** Runs it as GitHub does. */
async function run(folder: string, inputs: Record<string, string>): Promise<Ran> {
  const [summary, outputs] = [path.join(folder, 'summary.md'), path.join(folder, 'outputs')]
  for (const file of [summary, outputs]) await writeFile(file, '')
  const github = Object.keys(inputs).length === 0 ? {} : { GITHUB_ACTIONS: 'true' }
  const env = {
    PATH: process.env['PATH'],
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: outputs,
    ...github,
    ...inputs,
  }
  const { code, out } = await promisify(execFile)(process.execPath, [PROGRAM], { cwd: folder, env }).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (error: unknown) => {
      const { code, stdout } = error as { code: number; stdout: string }
      return { code, out: stdout }
    },
  )
  return { code, out, summary: await readFile(summary, 'utf8'), outputs: await readFile(outputs, 'utf8') }
}

async function aCheckout(subject: string): Promise<string> {
  const folder = await temporaryDirectory()
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=A Person', '-c', 'user.email=person@example.com', ...args], {
      cwd: folder,
    })
  await git('init', '--quiet')
  await git('commit', '--quiet', '--allow-empty', '--message', subject)
  return folder
}
