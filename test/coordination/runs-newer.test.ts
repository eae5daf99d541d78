import { expect } from 'chai'
import type { KnownServer } from '../../server/coordination/server-group.ts'
import { runsNewer } from '../../server/coordination/runs-newer.ts'

describe('whether a newer version runs over the same catalog', () => {
  const aServer = (version: string, isRunning = true): KnownServer => ({
    id: version,
    host: 'pod',
    address: '',
    version,
    isRunning,
    startedAt: 0,
    seenAt: 0,
    behind: 0,
    keepsHouse: false,
  })

  const asks = (servers: KnownServer[]) => runsNewer({ list: () => Promise.resolve(servers) }, '1.10.2')

  it('goes by the numbers of its servers', async () => {
    for (const version of ['1.10.3', '1.11.0', '2.0.0', '1.11.0-rc.1'])
      expect(await asks([aServer('1.10.2'), aServer(version)]), version).to.equal(true)
    for (const version of ['1.10.2', '1.9.9', '0.99.0', '1.10.1', ''])
      expect(await asks([aServer(version)]), version).to.equal(false)
  })

  it('is not so once they have ended', async () => {
    expect(await asks([aServer('1.10.2'), aServer('1.11.0', false)])).to.equal(false)
  })
})
