import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { PollingBot } from '../../support/polling-bot.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import type { Ran } from '../../support/run-slipway.ts'
import { aServer } from '../../support/server-under-test.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** A server with two releases of `shop` and one of `bakery`. */
async function twoModels(): Promise<(...args: string[]) => Promise<Ran>> {
  const { url, publish } = await aServer()
  await publish(anArchive(), { query: 'tag=production' })
  await publish(anArchive())
  await publish(anArchive(), { model: 'bakery' })
  return (...args) => callSlipway(args, { env: { SLIPWAY_URL: url } })
}

describe('commands about all models', function () {
  this.timeout(60_000)

  it('list the releases and tags of every model, and of one', async () => {
    const slipway = await twoModels()
    const { out } = await slipway('releases')
    expect(out.match(/^\S+#\d/gm)).to.deep.equal(['bakery#1', 'shop#2', 'shop#1'])
    expect((await slipway('releases', 'bakery')).out.match(/^\S+#\d/gm)).to.deep.equal(['bakery#1'])
    const tags = (await slipway('tags')).out.match(/^\S+@\S+/gm)
    expect(tags).to.have.members(['bakery@latest', 'shop@latest', 'shop@production'])
  })

  it('show and set the default tag', async () => {
    const slipway = await twoModels()
    expect((await slipway('default-tag', 'shop')).out).to.equal('shop@latest\n')
    expect((await slipway('default-tag', 'shop', 'production')).out).to.equal('shop@production\n')
    expect((await slipway('show', 'shop')).out).to.match(/^shop#1\n/)
    expect((await slipway('default-tag', 'shop', 'nowhere')).code).to.equal(8)
  })
})

describe('a release that was pasted', function () {
  this.timeout(60_000)

  it('is taken wherever a release is asked for, of the same model only', async () => {
    const slipway = await twoModels()
    expect((await slipway('promote', 'shop@production', 'shop#2')).out).to.equal(
      'shop@production: release 1 → 2\n',
    )
    const other = await slipway('promote', 'shop@production', 'bakery#1')
    expect([other.code, other.error]).to.deep.equal([
      2,
      'error: bakery#1 is a release of another model than shop\n',
    ])
    expect((await slipway('rollback', 'shop@production', 'shop#1')).out).to.match(
      /^shop@production: release 2 → 1\n/,
    )
  })

  it('is what push prints, with the tags that moved to it', async () => {
    const slipway = await twoModels()
    const file = path.join(await temporaryDirectory(), 'new.tar.gz')
    await writeFile(file, anArchive())
    const { out } = await slipway('push', file, '--model', 'shop', '--tag', 'production', '--tag', 'staging')
    expect(out).to.match(/^shop#3 \([0-9a-f]{12}\), promoted to production, staging\n$/)
  })
})

describe('slipway delete', function () {
  this.timeout(240_000)

  it('deletes a release that nothing points at, and a tag', async () => {
    const slipway = await twoModels()
    const inUse = await slipway('delete', 'shop#1')
    expect(inUse.code).to.equal(10)
    expect(inUse.error).to.include('production')
    expect((await slipway('delete', 'shop@production')).out).to.equal('deleted shop@production\n')
    expect((await slipway('delete', 'shop#1')).code).to.equal(0)
    expect((await slipway('show', 'shop#1')).code).to.equal(9)
  })

  it('deletes a tag that bots poll only where it is forced, and says what becomes of them and of its policy', async () => {
    const { url, publish, request } = await aServer()
    const slipway = (...args: string[]) => callSlipway(args, { env: { SLIPWAY_URL: url } })
    await publish(anArchive(), { query: 'tag=production' })
    for (const name of ['pod-1', 'pod-2']) await new PollingBot(`${url}/models/shop@production`, name).poll()
    const refused = await slipway('delete', 'shop@production')
    expect([refused.code, refused.out]).to.deep.equal([10, ''])
    expect(refused.error)
      .to.include('2 bots poll shop@production (pod-1, pod-2); nothing was deleted.')
      .and.include('answered 404')
      .and.include('slipway delete shop@production --force')
      .and.not.include('policy')
    await slipway('policy', 'shop@production', '--soak', '60')
    expect((await slipway('delete', 'shop@production')).error).to.include('Its policy is lost')
    expect((await request.get('/api/v1/models/shop/tags/production')).status).to.equal(200)
    expect((await slipway('delete', 'shop@production', '--force')).out).to.equal(
      'deleted shop@production, and its policy\n',
    )
    expect((await slipway('delete', 'shop@production', '--force')).code).to.equal(9)
    expect((await slipway('delete', 'shop@production', '--dry-run')).code).to.equal(2)
  })

  it('deletes a tag whose bots are lost', async () => {
    const { url, publish, request, clock, fleet } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    await new PollingBot(`${url}/models/shop@production`, 'pod-1').poll()
    clock.advance(60 * 60_000)
    fleet.tick()
    expect((await request.get('/api/v1/bots?state=lost')).body.items).to.have.length(1)
    const { code } = await callSlipway(['delete', 'shop@production'], { env: { SLIPWAY_URL: url } })
    expect(code).to.equal(0)
  })

  it('deletes a whole model only where it is said how many releases that has', async () => {
    const slipway = await twoModels()
    const unsaid = await slipway('delete', 'shop')
    expect(unsaid.code).to.equal(2)
    expect(unsaid.error)
      .to.include('is a whole model: 2 releases (')
      .and.include('slipway delete shop --expect 2 --force')
    const preview = await slipway('delete', 'shop', '--dry-run')
    expect([preview.code, preview.out.startsWith('would delete shop: 2 releases (')]).to.deep.equal([0, true])
    expect((await slipway('delete', 'shop', '--expect', '7')).code).to.equal(10)
    expect((await slipway('delete', 'shop', '--expect', '2')).code).to.equal(10)
    const gone = await slipway('delete', 'shop', '--expect', '2', '--force')
    expect([gone.code, gone.error, gone.out.startsWith('deleted shop: 2 releases (')]).to.deep.equal([
      0,
      '',
      true,
    ])
    expect((await slipway('show', 'shop')).code).to.equal(9)
    expect((await slipway('delete', 'bank#1', '--force')).code).to.equal(2)
  })
})
