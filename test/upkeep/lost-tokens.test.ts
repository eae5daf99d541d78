import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { aToken } from '../support/a-token.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { serveFolder } from './data-server.ts'

const ENV = { SLIPWAY_PUBLISH_TOKEN: 'the-publish-token' }

describe('tokens, where the catalog is lost', () => {
  it('go on opening what they opened, and those that were revoked or expired open nothing', async () => {
    const dataDir = path.join(await temporaryDirectory(), 'data')
    const before = await serveFolder(dataDir, ENV)
    const headers = { Authorization: 'Bearer the-publish-token' }
    const body = Uint8Array.from(anArchive())
    await fetch(`${before.url}/models/shop`, { method: 'POST', headers, body })
    const bot = await aToken(before, ['pull:shop'], 'bot')
    const other = await aToken(before, ['pull:bank'], 'other')
    const short = await aToken(before, ['pull:shop'], 'short', { expiresIn: 1 })
    const revoked = await aToken(before, ['pull'], 'revoked')
    await fetch(`${before.url}/api/v1/tokens/revoked`, { method: 'DELETE', headers })
    const pull = async (url: string, token: string) =>
      (await fetch(`${url}/models/shop`, { headers: { Authorization: `Bearer ${token}` } })).status
    await eventually('a token expires', async () => (await pull(before.url, short)) === 401)
    await before.stop()
    const file = path.join(dataDir, 'tokens.json')
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
    await rm(path.join(dataDir, 'catalog.sqlite'))

    // Nor does a server refuse to start that had tokens in its catalog alone.
    const { url } = await serveFolder(dataDir)
    expect(await pull(url, bot)).to.equal(200)
    expect(await pull(url, other)).to.equal(403)
    expect([await pull(url, revoked), await pull(url, 'wrong'), await pull(url, short)]).to.deep.equal([
      401, 401, 401,
    ])
    expect((await fetch(`${url}/models/shop`)).status).to.equal(401)
    expect((await fetch(`${url}/api/v1/models`)).status).to.equal(401)
  })
})
