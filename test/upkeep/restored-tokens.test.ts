import { rm, truncate } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { AuditEntry } from '../../protocol/audit.ts'
import { AuditChainCheck } from '../../protocol/audit-chain.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { takeBackup } from '../../server/tools/backup/take-backup.ts'
import { restoreBackup } from '../../server/tools/restore/restore-backup.ts'
import { aToken } from '../support/a-token.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { serveFolder } from './data-server.ts'

const ENV = { SLIPWAY_PUBLISH_TOKEN: 'the-publish-token' }

describe('tokens after a restore', function () {
  this.timeout(60_000)
  let dataDir: string
  let folder: string
  let secrets: { kept: string; revoked: string; made: string }

  /** A backup, after which one token was revoked and another made. */
  beforeEach(async () => {
    const at = await temporaryDirectory()
    dataDir = path.join(at, 'data')
    folder = path.join(at, 'backup')
    const { url, stop } = await serveFolder(dataDir, ENV)
    const kept = await aToken({ url }, ['read'], 'kept')
    const revoked = await aToken({ url }, ['read'], 'revoked')
    await takeBackup({ dataDir, folder, copy: false, verifyAll: false, now: Date.now() })
    const headers = { Authorization: 'Bearer the-publish-token' }
    const answer = await fetch(`${url}/api/v1/tokens/revoked`, { method: 'DELETE', headers })
    expect(answer.status).to.equal(204)
    secrets = { kept, revoked, made: await aToken({ url }, ['read'], 'made') }
    await stop()
  })

  const restore = (options: { dataDir?: string; revokesTokens?: boolean } = {}) =>
    restoreBackup({ folder, dataDir, replace: true, now: Date.now(), ...options })

  async function opened(folder = dataDir): Promise<number[]> {
    const { url, stop } = await serveFolder(folder, ENV)
    const statuses = []
    for (const token of [secrets.kept, secrets.revoked, secrets.made]) {
      const headers = { Authorization: `Bearer ${token}` }
      statuses.push((await fetch(`${url}/api/v1/models`, { headers })).status)
    }
    await stop()
    return statuses
  }

  const RESTORED = { revoked: ['revoked'], unsure: [], gone: ['made'] }

  it('are revoked that were revoked since the backup, as the catalog before knew', async () => {
    await rm(path.join(dataDir, 'tokens.json'))
    expect((await restore()).tokens).to.deep.equal(RESTORED)
    expect(await opened()).to.deep.equal([200, 401, 401])
  })

  it('are so too where that catalog cannot be read, by the file beside it', async () => {
    await truncate(path.join(dataDir, 'catalog.sqlite'), 100)
    expect((await restore()).tokens).to.deep.equal(RESTORED)
    expect(await opened()).to.deep.equal([200, 401, 401])
  })

  it('are named on a new machine, where nobody knows what was revoked', async () => {
    const other = path.join(await temporaryDirectory(), 'data')
    const { tokens } = await restore({ dataDir: other })
    expect(tokens).to.deep.equal({ revoked: [], unsure: ['kept', 'revoked'], gone: [] })
    expect(await opened(other)).to.deep.equal([200, 200, 401])
  })

  it('are all revoked where that is asked for', async () => {
    const other = path.join(await temporaryDirectory(), 'data')
    const { tokens } = await restore({ dataDir: other, revokesTokens: true })
    expect(tokens).to.deep.equal({ revoked: ['kept', 'revoked'], unsure: [], gone: [] })
    expect(await opened(other)).to.deep.equal([401, 401, 401])
  })

  it('stand in the audit, with the restore itself, and its chain is whole', async () => {
    await restore()
    const catalog = await openSqliteCatalog(path.join(dataDir, 'catalog.sqlite'))
    const entries: AuditEntry[] = await catalog.listAudit(0, 100)
    await catalog.close()
    expect(entries.map(({ action }) => action)).to.deep.equal([
      'token.created',
      'token.created',
      'token.changed',
      'catalog.restored',
    ])
    expect(entries.at(-1)).to.include({ actor: 'slipway' })
    const chain = new AuditChainCheck()
    expect(entries.map((entry) => chain.take(entry))).to.deep.equal(entries.map(() => undefined))
    expect(chain.end()).to.equal(undefined)
  })
})
