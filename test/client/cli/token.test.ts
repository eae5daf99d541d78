import path from 'node:path'
import { writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { MadeToken, Token } from '../../../protocol/token.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { runSlipway } from '../../support/run-slipway.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { startServer, StartFailed } from '../../support/start-server.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const SECRET = /^slipway_[0-9A-Za-z]{49}\n$/

describe('slipway token', function () {
  this.timeout(60_000)
  let server: ServerUnderTest
  let env: Record<string, string>

  beforeEach(async () => {
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
    env = { SLIPWAY_URL: server.url, SLIPWAY_TOKEN: 'the-publish-token' }
  })

  const slipway = (...args: string[]) => callSlipway(['token', ...args], { env })
  const list = async () => {
    const { out } = await slipway('list', '--all', '--json')
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Token)
  }

  it('create prints the token alone, and says what it allows beside that', async () => {
    const { code, out, error } = await slipway(
      ...['create', 'ci', '--allow', 'publish:support-*', '--allow', 'promote:*@staging', '--expires', '90d'],
    )
    expect([code, error]).to.deep.equal([
      0,
      'ci allows publish:support-*, promote:*@staging until 2027-03-01 08:00:00Z. Keep it: it is not shown again.\n',
    ])
    expect(out).to.match(SECRET)
    expect((await list())[0]).to.include({ name: 'ci', state: 'active', createdBy: 'publish-token' })
  })

  it('revoke and rotate say that a token is not its name, and send it nowhere', async () => {
    for (const command of ['revoke', 'rotate']) {
      const { code, error } = await slipway(command, `slipway_${'x'.repeat(49)}`)
      expect(code).to.equal(2)
      expect(error).to.include('that is a token itself').and.not.include('xxx')
    }
  })

  it('revoke takes a name that begins as tokens do', async () => {
    expect((await slipway('create', 'slipway_ci', '--allow', 'pull')).code).to.equal(0)
    const { code, out, error } = await slipway('revoke', 'slipway_ci')
    expect([code, out], error).to.deep.equal([0, 'slipway_ci is revoked\n'])
  })

  it('create and rotate take never for an end', async () => {
    const made = await slipway('create', 'ci', '--allow', 'pull', '--expires', '90d', '--json')
    expect((JSON.parse(made.out) as MadeToken).expiresAt).to.be.a('string')
    const rotated = await slipway('rotate', 'ci', '--expires', 'never', '--json')
    expect((JSON.parse(rotated.out) as MadeToken).expiresAt).to.equal(null)
    const other = await slipway('create', 'other', '--allow', 'pull', '--expires', 'never', '--json')
    expect((JSON.parse(other.out) as MadeToken).expiresAt).to.equal(null)
  })

  it('create, list, rotate and revoke have --json', async () => {
    const made = JSON.parse((await slipway('create', 'ci', '--allow', 'pull', '--json')).out) as MadeToken
    expect(made).to.include({ name: 'ci', expiresAt: null })
    const rotated = await slipway('rotate', 'ci', '--overlap', '12h', '--json')
    const second = JSON.parse(rotated.out) as MadeToken
    expect(second.secret).to.not.equal(made.secret)
    expect((await list()).map(({ state }) => state)).to.deep.equal(['active', 'replaced'])
    expect(JSON.parse((await slipway('revoke', 'ci', '--json')).out)).to.deep.equal({
      name: 'ci',
      state: 'revoked',
    })
    expect((await list()).map(({ state }) => state)).to.deep.equal(['revoked', 'revoked'])
  })

  it('list shows those that open something', async () => {
    await slipway('create', 'ci', '--allow', 'pull')
    await slipway('create', 'old', '--allow', 'pull')
    await slipway('revoke', 'old')
    const { out } = await slipway('list')
    expect(out).to.match(/^NAME +STATE +ALLOWS +EXPIRES/)
    expect(out).to.match(/^ci +active +pull +never +never/m)
    expect(out).to.not.include('old')
  })

  it('says what is wrong: exit codes 2, 8, 9 and 10', async () => {
    expect(await slipway('create')).to.include({ code: 2 })
    expect(await slipway('create', 'ci')).to.include({ code: 2 })
    expect(await slipway('create', 'ci', '--allow', 'pull', '--expires', '90')).to.include({ code: 2 })
    expect(await slipway('create', 'ci', '--allow', 'publsh')).to.include({ code: 8 })
    expect(await slipway('rotate', 'nobody')).to.include({ code: 9 })
    await slipway('create', 'ci', '--allow', 'pull')
    const again = await slipway('create', 'ci', '--allow', 'pull')
    expect(again.code).to.equal(10)
    expect(again.error).to.include('slipway token rotate ci')
    const { secret } = JSON.parse((await slipway('rotate', 'ci', '--json')).out) as MadeToken
    const cut = await callSlipway(['token', 'list'], { env: { ...env, SLIPWAY_TOKEN: secret.slice(0, -1) } })
    expect([cut.code, cut.out]).to.deep.equal([8, ''])
    expect(cut.error).to.include('cut or mistyped')
  })
})

describe('slipway token create --admin', function () {
  this.timeout(60_000)

  it('makes the first token of a fresh machine, with which a server then starts on any address', async () => {
    const folder = await temporaryDirectory()
    const beyond = { HOST: '0.0.0.0' }
    const refused = await startServer({ folder, env: beyond }).catch((error: unknown) => error)
    expect(refused).to.be.instanceOf(StartFailed)
    expect(refused).to.have.property('outcome', 2)
    expect((refused as StartFailed).stderr).to.include('slipway token create NAME --admin')
    const { code, out, error } = await runSlipway(['token', 'create', 'ada', '--admin'], { cwd: folder })
    expect(code).to.equal(0)
    expect(out).to.match(SECRET)
    expect(error).to.include(`There was no catalog in ${path.join(folder, 'data')} yet`)
    const { port } = await startServer({ folder, env: beyond })
    const read = async (token: string) => {
      const headers = { Authorization: `Bearer ${token}` }
      return (await fetch(`http://127.0.0.1:${port}/api/v1/tokens`, { headers })).status
    }
    expect([await read(out.trim()), await read('wrong')]).to.deep.equal([200, 401])
    expect((await fetch(`http://127.0.0.1:${port}/models/shop`)).status).to.equal(401)
  })

  it('is refused while a server runs, without a catalog that there was, and for a name in use', async () => {
    const folder = await temporaryDirectory()
    const create = (...more: string[]) => runSlipway(['token', 'create', '--admin', ...more], { cwd: folder })
    const running = await startServer({ folder })
    expect(await create()).to.include({ code: 3 })
    running.kill('SIGTERM')
    await running.ended
    expect(JSON.parse((await create('--json')).out)).to.include({ name: 'admin', expiresAt: null })
    const again = await create()
    expect([again.code, again.out]).to.deep.equal([10, ''])
    expect(again.error).to.not.include('There was no catalog')
    const lost = await temporaryDirectory()
    await writeFile(path.join(lost, 'current.json'), '{}')
    const options = { cwd: folder, env: { DATA_DIR: lost } }
    const after = await runSlipway(['token', 'create', '--admin'], options)
    expect([after.code, after.out]).to.deep.equal([3, ''])
    expect(after.error).to.include('slipway restore')
  })
})
