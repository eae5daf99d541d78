import { expect } from 'chai'
import { RefusedChanges, type RefusedChange } from '../../../server/access/audit/refused-changes.ts'
import { rejection } from '../../contracts/catalog-support.ts'
import { aCatalog } from '../../support/a-catalog.ts'
import { aClock } from '../../support/manual-clock.ts'

const REFUSED: RefusedChange = {
  actor: { principal: { name: 'mallory' }, address: '192.0.2.1', request: 'r-1' },
  method: 'POST',
  path: '/models/shop',
  status: 403,
  code: 'token-insufficient',
}

describe('the audit of refused changes', () => {
  it('are kept while they cannot be written down', async () => {
    const [catalog, clock, refused] = [await aCatalog(), aClock(), new RefusedChanges()]
    refused.note(REFUSED, clock.now())
    const away = { ...catalog, writeShared: () => Promise.reject(new Error('The catalog is away')) }
    expect(await rejection(refused.flush(away, clock))).to.include({ message: 'The catalog is away' })
    refused.note(REFUSED, clock.now())
    await refused.flush(catalog, clock)
    const entries = await catalog.listAudit(0, 10)
    expect(entries.map(({ actor, after }) => [actor, after?.['count']])).to.deep.equal([['mallory', 2]])
  })
})
