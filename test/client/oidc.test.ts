import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { anIssuer, type OidcIssuer } from '../support/oidc-issuer.ts'
import type { Ran } from '../support/run-slipway.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const ADMIN = 'the-publish-token'

interface Jobs {
  server: ServerUnderTest
  issuer: OidcIssuer
  /** Runs a command as somebody with all rights. */
  admin: (...args: string[]) => Promise<Ran>
  /** Publishes an archive in a job with this environment. */
  push: (env: Record<string, string>, ...args: string[]) => Promise<Ran>
}

async function jobs(): Promise<Jobs> {
  const [server, issuer, cwd] = [
    await aServer({ publishToken: ADMIN }),
    await anIssuer(),
    await temporaryDirectory(),
  ]
  await writeFile(path.join(cwd, 'bot.tar.gz'), anArchive())
  const url = { SLIPWAY_URL: server.url }
  return {
    server,
    issuer,
    admin: (...args) => callSlipway(args, { env: { ...url, SLIPWAY_TOKEN: ADMIN } }),
    push: (env, ...args) =>
      callSlipway(['push', 'bot.tar.gz', '--model', 'shop', ...args], { cwd, env: { ...url, ...env } }),
  }
}

/** What GitHub runs beside a job: it gives an identity token for any audience to whoever has the job's secret. */
async function aRunner(issuer: OidcIssuer): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer the-secret-of-the-job') {
      response.writeHead(401).end()
      return
    }
    const aud = new URL(request.url ?? '', 'http://runner').searchParams.get('audience')
    void issuer.issue({ aud }).then((value) => response.end(JSON.stringify({ count: value.length, value })))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/idtoken?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'the-secret-of-the-job',
  }
}

describe('slipway push --oidc', function () {
  this.timeout(60_000)

  it('publishes from a job of GitHub that is trusted by its ids, without a secret', async () => {
    const { server, issuer, admin, push } = await jobs()
    const added = await admin(
      ...['trust', 'add', 'github', '--issuer', issuer.url, '--repository-id', '123456789'],
      ...['--repository-owner-id', '4242', '--ref', 'refs/heads/main', '--environment', 'production'],
      ...['--workflow-ref', 'acme/shop/.github/workflows/train.yml@refs/heads/*', '--allow', 'publish:shop'],
    )
    expect([added.code, added.error]).to.deep.equal([0, ''])
    expect(added.out).to.match(/^github-123456789 is trusted: repository_id=123456789 .* may publish:shop\n$/)
    const { code, error, out } = await push(await aRunner(issuer), '--oidc')
    expect([code, error], out).to.deep.equal([0, ''])
    const release = await server.request
      .get('/api/v1/models/shop/releases/1')
      .set('Authorization', `Bearer ${ADMIN}`)
    expect((release.body as { publishedBy: string }).publishedBy).to.equal('github-123456789')
  })

  it('publishes from a job of GitLab or Kubernetes, and says which claim is not as expected', async () => {
    const { server, issuer, admin, push } = await jobs()
    const sub = 'system:serviceaccount:ml:trainer'
    const trusted = await admin(
      ...[
        'trust',
        'add',
        'kubernetes',
        '--issuer',
        issuer.url,
        '--namespace',
        'ml',
        '--service-account',
        'trainer',
      ],
      ...['--audience', 'slipway', '--allow', 'publish:shop', '--json'],
    )
    expect(JSON.parse(trusted.out)).to.deep.include({ name: 'kubernetes-ml-trainer', claims: { sub } })
    const token = await issuer.issue({ aud: 'slipway', sub })
    expect((await push({ SLIPWAY_ID_TOKEN: token }, '--oidc')).code).to.equal(0)
    const file = path.join(await temporaryDirectory(), 'token')
    await writeFile(file, `${token}\n`)
    expect((await push({ SLIPWAY_ID_TOKEN_FILE: file }, '--oidc')).code).to.equal(0)
    const other = await issuer.issue({ aud: 'slipway', sub: 'system:serviceaccount:ml:other' })
    const refused = await push({ SLIPWAY_ID_TOKEN: other }, '--oidc')
    expect(refused.code).to.equal(8)
    expect(refused.error).to.match(/claim sub so: it says "system:serviceaccount:ml:other"/)
    expect(refused.error).to.not.include(other)
    expect((await admin('trust', 'list')).out)
      .to.include('kubernetes-ml-trainer')
      .and.include(`sub=${sub}`)
    expect((await admin('trust', 'remove', 'kubernetes-ml-trainer')).code).to.equal(0)
    expect((await push({ SLIPWAY_ID_TOKEN: token }, '--oidc')).code).to.equal(8)
    expect((await admin('trust', 'remove', 'kubernetes-ml-trainer')).code).to.equal(9)
    expect(server.current.find('shop')).to.not.equal(undefined)
  })

  const unable: [what: string, env: Record<string, string>, advice: RegExp][] = [
    ['GitHub without the permission', { GITHUB_ACTIONS: 'true' }, /id-token: write/],
    ['GitLab without the declaration', { GITLAB_CI: 'true' }, /id_tokens:/],
    ['something else', {}, /SLIPWAY_ID_TOKEN_FILE/],
    ['one that has a token', { SLIPWAY_TOKEN: 'x' }, /unset SLIPWAY_TOKEN/],
  ]
  for (const [what, env, advice] of unable) {
    it(`says what is missing in a job of ${what}: exit code 2`, async () => {
      const { push } = await jobs()
      const { code, error } = await push(env, '--oidc')
      expect(code).to.equal(2)
      expect(error).to.match(advice)
    })
  }
})

describe('slipway trust add', function () {
  this.timeout(30_000)

  const wrong: [args: string[], code: number, reason: RegExp][] = [
    [['github', '--repository-id', '1'], 2, /--allow/],
    [['github', '--ref', 'refs/heads/main', '--allow', 'publish', '--name', 'x'], 8, /repository_id/],
    [['github', '--project-id', '1', '--allow', 'publish'], 2, /--project-id says nothing of github/],
    [['kubernetes', '--allow', 'publish'], 2, /--issuer/],
    [['kubernetes', '--issuer', 'https://x', '--namespace', 'a', '--allow', 'publish'], 2, /go together/],
    [['nobody', '--allow', 'publish'], 2, /neither github, gitlab, kubernetes nor an address/],
    [['https://x.example', '--claim', 'x', '--allow', 'publish', '--name', 'x'], 2, /NAME=VALUE/],
    [['https://x.example', '--claim', 'x=1', '--allow', 'publish'], 2, /--name/],
    [['https://x.example', '--claim', 'x=1', '--allow', 'publis', '--name', 'x'], 2, /allow/],
  ]
  for (const [args, code, reason] of wrong) {
    it(`says what is wrong with ${args.join(' ')}`, async () => {
      const { admin } = await jobs()
      const ran = await admin('trust', 'add', ...args)
      expect(ran.code, ran.error).to.equal(code)
      expect(ran.error).to.match(reason)
    })
  }
})
