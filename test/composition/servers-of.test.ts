import { expect } from 'chai'
import { serversOf } from '../../server/composition/servers-of.ts'
import type { KnownServer } from '../../server/coordination/server-group.ts'

describe('the servers over one database', () => {
  const aServer = (id: string, more: Partial<KnownServer>): KnownServer => ({
    id,
    host: 'one',
    address: '0.0.0.0:5080',
    version: '1.0.0',
    startedAt: 0,
    seenAt: 100,
    behind: 0,
    isRunning: true,
    keepsHouse: false,
    ...more,
  })
  const shown = async (...servers: KnownServer[]) => {
    const group = { id: 'new', list: () => Promise.resolve(servers) }
    return (await serversOf(group, true))?.map(({ id, state }) => `${id} ${state}`)
  }
  const killed = aServer('killed', { isRunning: false })

  it('are those that run, and those that ended without a word', async () => {
    const other = aServer('other', { host: 'two' })
    expect(await shown(killed, other)).to.deep.equal(['killed silent', 'other running'])
  })

  it('have none twice that was killed, and replaced on its host at its address', async () => {
    expect(await shown(killed, aServer('new', { startedAt: 100 }))).to.deep.equal(['new running'])
  })

  it('have none twice that was killed again and again', async () => {
    const again = aServer('again', { startedAt: 100, seenAt: 200, isRunning: false })
    expect(await shown(killed, again)).to.deep.equal(['again silent'])
  })

  it('have one that was killed still where only others run that cannot have replaced it', async () => {
    const elsewhere = aServer('port', { startedAt: 100, address: '0.0.0.0:5081' })
    const sameName = aServer('before', { startedAt: 99 })
    const all = ['killed silent', 'port running', 'before running']
    expect(await shown(killed, elsewhere, sameName)).to.deep.equal(all)
  })

  it('have one still that was killed before it said a second time that it runs', async () => {
    const brief = aServer('brief', { startedAt: 100, isRunning: false })
    expect(await shown(brief, aServer('other', { host: 'two' }))).to.deep.equal([
      'brief silent',
      'other running',
    ])
  })

  it('have one still that was killed before it listened', async () => {
    const early = aServer('early', { isRunning: false, address: '' })
    expect(await shown(early, aServer('new', { startedAt: 100, address: '' }))).to.deep.equal([
      'early silent',
      'new running',
    ])
  })
})
