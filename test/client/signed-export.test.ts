import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Model } from '../../protocol/model.ts'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { aKeyPair } from '../support/key-pairs.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const pair = aKeyPair()
const policy = { require: [{ key: pair.publicPem }] }

async function requireSignatures(server: ServerUnderTest): Promise<void> {
  await server.request.patch('/api/v1/models/shop').send({ signatures: policy }).expect(200)
}

async function modelOf(server: ServerUnderTest): Promise<Model> {
  return (await server.request.get('/api/v1/models/shop')).body as Model
}

describe('slipway export and import', function () {
  this.timeout(60_000)

  it('take signatures along, and whose signatures a model requires', async () => {
    const [from, to] = [await aServer(), await aServer()]
    const cwd = await temporaryDirectory()
    await writeFile(path.join(cwd, 'bot.tar.gz'), anArchive())
    await writeFile(path.join(cwd, 'key'), pair.privatePem)
    const at = ({ url }: ServerUnderTest) => ({ cwd, env: { SLIPWAY_URL: url } })
    expect(
      (await callSlipway(['push', 'bot.tar.gz', '--model', 'shop', '--sign', 'key'], at(from))).code,
    ).to.equal(0)
    await requireSignatures(from)
    expect((await callSlipway(['export', 'shop', 'kept'], at(from))).code).to.equal(0)
    const { code, error } = await callSlipway(['import', 'kept'], at(to))
    expect([code, error]).to.deep.equal([0, ''])
    expect((await modelOf(to)).signatures).to.deep.equal(policy)
    const address = '/api/v1/models/shop/releases/1/bundle'
    const bundles = await Promise.all([from, to].map(async ({ url }) => (await fetch(url + address)).text()))
    expect(bundles[0]).to.equal(bundles[1]).and.include('dsseEnvelope')
  })

  it('bring nothing unsigned into a model that requires signatures', async () => {
    const [from, to] = [await aServer(), await aServer()]
    const cwd = await temporaryDirectory()
    const at = ({ url }: ServerUnderTest) => ({ cwd, env: { SLIPWAY_URL: url } })
    await from.publish(anArchive())
    await to.publish(anArchive())
    await requireSignatures(to)
    expect((await callSlipway(['export', 'shop', 'kept'], at(from))).code).to.equal(0)
    const { code, error } = await callSlipway(['import', 'kept'], at(to))
    expect(code).to.equal(8)
    expect(error).to.include('signature-required')
    expect((await modelOf(to)).releases).to.equal(1)
  })
})
