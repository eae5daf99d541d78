import { expect } from 'chai'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { pullerOf } from '../support/client-folder.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { Ran } from '../support/run-slipway.ts'
import { runSlipway } from '../support/run-slipway.ts'
import { digestOf } from '../support/serve-archive.ts'
import { aServer } from '../support/server-under-test.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

async function archiveFile(archive = anArchive()): Promise<string> {
  const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
  await writeFile(file, archive)
  return file
}

/** Commands against one server. */
function commandsOf(url: string, token?: string): (...args: string[]) => Promise<Ran> {
  const env = { SLIPWAY_URL: url, ...(token === undefined ? {} : { SLIPWAY_TOKEN: token }) }
  return (...args) => callSlipway(args, { env })
}

describe('commands against a server', function () {
  this.timeout(60_000)

  it('publish, pull, promote and roll back', async () => {
    const server = await aServer()
    const slipway = commandsOf(server.url)
    const [first, second] = [await archiveFile(), await archiveFile()]
    const to = await temporaryDirectory()
    const pull = (): Promise<Ran> =>
      slipway('pull', `${server.url}/models/shop@production`, '--to', to, '--json')
    expect(
      (await slipway('push', first, '--model', 'shop', '--tag', 'production', '--notes', 'one')).code,
    ).to.equal(0)
    expect(JSON.parse((await pull()).out)).to.include({ event: 'installed', release: 1 })
    const pushed = JSON.parse(
      (await slipway('push', second, '--model', 'shop', '--name', 'two.tar.gz', '--json')).out,
    ) as object
    expect(pushed).to.include({ number: 2, filename: 'two.tar.gz', digest: digestOf(await readFile(second)) })
    expect(JSON.parse((await pull()).out)).to.include({ event: 'unchanged', release: 1 })
    expect((await slipway('promote', 'shop@production', 'latest', '--reason', 'tested')).out).to.equal(
      'shop@production: release 1 → 2\n',
    )
    expect(JSON.parse((await pull()).out)).to.include({ event: 'installed', release: 2 })
    // The puller has release 2 already.
    expect((await slipway('rollback', 'shop@production')).out).to.equal(
      'shop@production: release 2 → 1\nrelease 2 is being taken back: slipway rollout shop@production\nnote: this aborted the rollout of release 2, which had not ended\n',
    )
    const back = await pull()
    expect(JSON.parse(back.out)).to.include({ event: 'installed', release: 1 })
    expect(back.error).to.match(/goes back, from release 2 to 1/)
    const history = (await slipway('tags', 'shop@production', '--json')).out.trim().split('\n')
    expect(history.map((line) => (JSON.parse(line) as { to: number }).to)).to.deep.equal([1, 2, 1])
  })

  it('say that a promoted tag is a new one, as its name may be mistyped', async () => {
    const server = await aServer()
    await server.publish(anArchive(), { query: 'tag=production' })
    const slipway = commandsOf(server.url)
    const first = await slipway('promote', 'shop@prodution', '1')
    expect([first.code, first.out]).to.deep.equal([0, 'shop@prodution is release 1 (a new tag)\n'])
    expect((await slipway('promote', 'shop@prodution', '1')).out).to.equal('shop@prodution is release 1\n')
  })

  it('warn where a tag goes to a release of an older Rasa', async () => {
    const server = await aServer()
    const slipway = commandsOf(server.url)
    await server.publish(anArchive({ rasaVersion: '3.6.21' }), { query: 'tag=production' })
    await server.publish(anArchive({ rasaVersion: '3.5.0' }), { query: 'tag=next' })
    const warning =
      /^warning: shop@production: release 2 was trained by Rasa 3\.5\.0, and release 1 before it by Rasa 3/
    const promoted = await slipway('promote', 'shop@production', '2')
    expect([promoted.code, promoted.out]).to.deep.equal([0, 'shop@production: release 1 → 2\n'])
    expect(promoted.error).to.match(warning)
    await slipway('promote', 'shop@production', '1')
    expect((await slipway('rollback', 'shop@production', '2')).error).to.match(warning)
    const folder = await temporaryDirectory()
    await writeFile(path.join(folder, 'older.tar.gz'), anArchive({ rasaVersion: '3.4.0' }))
    const pushed = await slipway('push', path.join(folder, 'older.tar.gz'), '--model', 'shop')
    expect(pushed.error).to.match(
      /^warning: shop@latest: release 3 was trained by Rasa 3\.4\.0, and release 2 before it/,
    )
  })

  it('list releases, tags and the state of the server', async () => {
    const server = await aServer()
    await server.publish(anArchive(), { model: 'shop', query: 'notes=%1b%5b31mred&tag=production' })
    const slipway = commandsOf(server.url)
    const releases = await slipway('releases', 'shop')
    expect(releases.out)
      .to.match(/^RELEASE[^\n]*\nshop#1 /)
      .and.to.match(/production/)
    expect(releases.out, 'control characters of others').not.to.include('\u001b')
    expect((await slipway('tags', 'shop')).out).to.match(/latest +1/)
    expect((await slipway('status')).out).to.match(/shop +1 +.*production=1/)
    expect(JSON.parse((await slipway('status', '--json')).out)).to.have.property('version')
  })

  it('send the token, and say what to do without one', async () => {
    const server = await aServer({ publishToken: 'right', pullToken: 'pull' })
    const file = await archiveFile()
    const without = await commandsOf(server.url)('push', file)
    expect(without.code).to.equal(8)
    expect(without.error).to.match(/SLIPWAY_TOKEN/)
    expect((await commandsOf(server.url, 'right')('push', file)).code).to.equal(0)
    const to = await temporaryDirectory()
    expect(
      (await commandsOf(server.url, 'pull')('pull', `${server.url}/models/default`, '--to', to)).code,
    ).to.equal(0)
    expect(
      (await commandsOf(server.url, 'wrong')('pull', `${server.url}/models/default`, '--to', to)).code,
    ).to.equal(6)
  })

  it('exit with 8 for what the server refuses, 9 for what it does not have, 10 for what contradicts it', async function () {
    // Eight programs one after another, each of seconds on a busy machine.
    this.timeout(240_000)
    const server = await aServer()
    const slipway = commandsOf(server.url)
    const refused = await slipway('push', await archiveFile(Buffer.from('no archive')))
    expect(refused.code).to.equal(8)
    expect(refused.error).to.match(/\[archive-not-gzip\]/)
    expect((await slipway('promote', 'shop@production', '7')).code).to.equal(9)
    await slipway('push', await archiveFile(), '--model', 'shop', '--tag', 'production')
    const nothing = await slipway('rollback', 'shop@production')
    expect(nothing.code).to.equal(10)
    expect(nothing.error).to.match(/\[nothing-to-roll-back\]/)
    expect((await slipway('tags', 'none')).code).to.equal(9)
    expect((await commandsOf('http://127.0.0.1:1')('tags', 'shop')).code).to.equal(5)
    expect((await slipway('promote', 'production', '7')).code).to.equal(2)
    expect((await slipway('push', '/none.tar.gz')).code).to.equal(3)
  })

  it('publish once, however often the answer is lost', async () => {
    const server = await aServer()
    const proxy = await startFaultProxy(server.port)
    afterThisTest(() => proxy.stop())
    proxy.inject({ kind: 'lose-answer', to: 'POST ' }, 2)
    const ran = await commandsOf(proxy.url)('push', await archiveFile(), '--model', 'shop')
    expect(ran.code, ran.error).to.equal(0)
    const { body } = (await server.request.get('/api/v1/models/shop/releases')) as {
      body: { items: unknown[] }
    }
    expect(body.items).to.have.length(1)
  })

  it('leave the file where it is, unless told otherwise', async () => {
    const server = await aServer()
    const slipway = commandsOf(server.url)
    const file = await archiveFile()
    await slipway('push', file)
    expect((await stat(file)).isFile()).to.equal(true)
    await slipway('push', file, '--delete-local-copy')
    expect(await stat(file).catch(() => 'gone')).to.equal('gone')
  })

  it('list the variables of the server with serve --help', async () => {
    const { code, out } = await runSlipway(['serve', '--help'])
    expect(code).to.equal(0)
    expect(out).to.include('SLIPWAY_PUBLISH_TOKEN')
  })
})

describe('a puller against a server', () => {
  it('goes on where the wire broke', async () => {
    const server = await aServer()
    const archive = anArchive({ payloadBytes: 2_000_000 })
    await server.publish(archive)
    const proxy = await startFaultProxy(server.port)
    afterThisTest(() => proxy.stop())
    proxy.inject({ kind: 'cut', direction: 'down', afterBytes: 300_000, clean: true }, 3)
    const { pull, notices } = pullerOf(`${proxy.url}/models/shop`, await temporaryDirectory(), {
      idleTimeout: 5000,
    })
    expect(await pull()).to.include({ event: 'installed', digest: digestOf(archive) })
    expect(notices.filter(({ code }) => code === 'resumed')).not.to.have.length(0)
    expect((await pull()).event).to.equal('unchanged')
  })

  it('outlives a wire that stalls', async () => {
    const server = await aServer()
    await server.publish(anArchive({ payloadBytes: 1_000_000 }))
    const proxy = await startFaultProxy(server.port)
    afterThisTest(() => proxy.stop())
    proxy.inject({ kind: 'stall', direction: 'down', afterBytes: 200_000 }, 1)
    const { pull } = pullerOf(`${proxy.url}/models/shop`, await temporaryDirectory(), { idleTimeout: 2500 })
    expect((await pull()).event).to.equal('installed')
  })
})
