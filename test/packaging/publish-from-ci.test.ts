import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
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

describe('publishing from CI', () => {
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
      ...{ name: 'shop-ci', issuer: issuer.url, audience: 'https://models.example.com' },
      ...{ claims: { repository_id: '123456789' }, allow: ['publish:shop', 'promote:shop@production'] },
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
      ...{ INPUT_URL: server.url, INPUT_OIDC: 'true', INPUT_ARCHIVE: 'shop.tar.gz', INPUT_MODEL: 'shop' },
      ...{ INPUT_BUNDLE: 'bundle.json', INPUT_TAG: 'production', SLIPWAY_ID_TOKEN: await issuer.issue() },
    })
    expect(code, out).to.equal(0)
    expect(out.replaceAll(/::add-mask::\S+/g, '')).not.to.match(/slipway_[0-9A-Za-z]{20}|eyJ/)
    const release = await server.request
      .get('/api/v1/models/shop/releases/1')
      .set('Authorization', `Bearer ${TOKEN}`)
    expect(release.body).to.deep.include({ publishedBy: 'shop-ci' })
    expect((release.body as Release).signature?.format).to.equal('model-signing')
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

function publish(folder: string, url: string, archive: Uint8Array): Promise<Ran> {
  return writeFile(path.join(folder, 'shop.tar.gz'), archive).then(() =>
    run(folder, {
      ...{ INPUT_URL: url, INPUT_TOKEN: TOKEN, INPUT_ARCHIVE: 'shop.tar.gz', INPUT_MODEL: 'shop' },
      INPUT_TAG: 'production',
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
