import { expect } from 'chai'
import { AuditChainCheck, CHECKPOINT } from '../../../protocol/audit-chain.ts'
import type { AuditEntry } from '../../../protocol/audit.ts'
import { asServer, runAs, type Actor } from '../../../server/access/audit/actor.ts'
import { auditedCatalog } from '../../../server/access/audit/audited-catalog.ts'
import { RefusedChanges, type RefusedChange } from '../../../server/access/audit/refused-changes.ts'
import { shortenAudit } from '../../../server/access/audit/shorten-audit.ts'
import type { Catalog } from '../../../server/catalog/catalog.ts'
import { aRelease, CREATED, digestOf, MOVED, publish, rejection } from '../../contracts/catalog-support.ts'
import { aCatalog } from '../../support/a-catalog.ts'
import { aClock, type ManualClock } from '../../support/manual-clock.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ADA: Actor = { principal: { name: 'ada', token: 'ada' }, address: '192.0.2.1', request: '7c9a41d2' }

interface Audited {
  catalog: Catalog
  clock: ManualClock
  entries: () => Promise<AuditEntry[]>
}

async function anAuditedCatalog(): Promise<Audited> {
  const clock = aClock()
  const catalog = auditedCatalog(await aCatalog(), clock)
  return { catalog, clock, entries: () => catalog.listAudit(0, 10_000) }
}

async function expectWhole(catalog: Catalog): Promise<void> {
  const check = new AuditChainCheck()
  for (const entry of await catalog.listAudit(0, 10_000)) expect(check.take(entry)).to.equal(undefined)
  expect(check.end(await catalog.auditHead())).to.equal(undefined)
}

const told = ({ actor, action, model, tag, before, after }: AuditEntry) => ({
  actor,
  action,
  model,
  tag,
  before,
  after,
})

describe('a catalog that is audited', () => {
  it('takes down who published, moved, edited and deleted what, with before and after', async () => {
    const { catalog, entries } = await anAuditedCatalog()
    const shop = { model: 'shop', tag: null }
    await runAs(ADA, async () => {
      for (const seed of ['one', 'two']) await publish(catalog, 'shop', seed)
      await catalog.write('shop', async (writer) => {
        await writer.moveTag('shop', 'production', 1, { ...MOVED, movedBy: 'ada' })
        await writer.moveTag('shop', 'production', 2, { ...MOVED, movedBy: 'ada', reason: 'better' })
        await writer.setDefaultTag('shop', 'production')
        await writer.updateNotes('shop', 2, 'the new one')
        await writer.deleteReleases('shop', [1])
        await writer.moveTag('shop', 'production', null, { ...MOVED, movedBy: 'ada' })
      })
    })
    const release = (number: number, seed: string) => ({
      release: number,
      digest: digestOf(seed),
      filename: 'shop.tar.gz',
    })
    const production = { model: 'shop', tag: 'production' }
    expect((await entries()).slice(2).map(told)).to.deep.equal([
      { actor: 'ada', action: 'tag.moved', ...production, before: null, after: { release: 1, reason: null } },
      {
        actor: 'ada',
        action: 'tag.moved',
        ...production,
        before: { release: 1 },
        after: { release: 2, reason: 'better' },
      },
      {
        actor: 'ada',
        action: 'model.changed',
        ...shop,
        before: { defaultTag: 'latest' },
        after: { defaultTag: 'production' },
      },
      {
        actor: 'ada',
        action: 'release.edited',
        ...shop,
        before: { release: 2, notes: '' },
        after: { release: 2, notes: 'the new one' },
      },
      { actor: 'ada', action: 'release.deleted', ...shop, before: release(1, 'one'), after: null },
      { actor: 'ada', action: 'tag.deleted', ...production, before: { release: 2 }, after: null },
    ])
    expect((await entries())[0]).to.deep.include({
      action: 'release.published',
      after: { ...release(1, 'one'), size: aRelease('shop', 'one').size },
    })
    await expectWhole(catalog)
  })

  it('takes nothing down of what polls say', async () => {
    const { catalog, entries } = await anAuditedCatalog()
    await catalog.writeShared(async (writer) => {
      await writer.addEvents([
        { at: 1, kind: 'x', model: null, tag: null, bot: null, process: null, body: {} },
      ])
      await writer.saveTaskProgress('scrub', { position: '', begunAt: CREATED, completedAt: null })
    })
    expect(await entries()).to.deep.equal([])
  })

  it('takes down nothing of a change that fails, and makes no change where the audit fails', async () => {
    const { catalog, entries } = await anAuditedCatalog()
    await publish(catalog, 'shop', 'one')
    const before = await entries()
    await rejection(
      catalog.write('shop', async (writer) => {
        await writer.updateNotes('shop', 1, 'x')
        throw new Error('no')
      }),
    )
    expect(await entries()).to.deep.equal(before)
    const full = () => Promise.reject(new Error('full'))
    const failing: Catalog = {
      ...catalog,
      write: (model, work) => catalog.write(model, (writer) => work({ ...writer, appendAudit: full })),
    }
    const edit = auditedCatalog(failing, aClock()).write('shop', (writer) =>
      writer.updateNotes('shop', 1, 'x'),
    )
    expect((await rejection(edit)).message).to.equal('full')
    expect((await catalog.findRelease('shop', 1))?.notes).to.equal('')
  })

  it('names whoever sent the request, with the address, and the server for what it does by itself', async () => {
    const { catalog, entries } = await anAuditedCatalog()
    await publish(catalog, 'shop', 'one')
    await runAs(ADA, () => catalog.write('shop', (writer) => writer.updateNotes('shop', 1, 'x')))
    await runAs(ADA, () =>
      catalog.write('shop', (writer) =>
        writer.moveTag('shop', 'production', 1, { ...MOVED, movedBy: 'slipway' }),
      ),
    )
    const [, edited, moved] = await entries()
    expect(edited).to.include({ actor: 'ada', address: '192.0.2.1', request: '7c9a41d2' })
    expect(moved).to.include({ actor: 'slipway', address: null, request: null })
  })

  it('takes what a request set off and did not wait for as the doing of the server', async () => {
    const { catalog, entries } = await anAuditedCatalog()
    await publish(catalog, 'shop', 'one')
    const edit = (notes: string) => catalog.write('shop', (writer) => writer.updateNotes('shop', 1, notes))
    let late: Promise<unknown> | undefined
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    await runAs(ADA, async () => {
      late = released.then(() => edit('late'))
      await new Promise<void>((resolve) => {
        asServer(() => {
          void edit('by a listener').then(() => {
            resolve()
          })
        })()
      })
    })
    release()
    await late
    expect((await entries()).slice(1).map(({ actor }) => actor)).to.deep.equal(['slipway', 'slipway'])
  })

  it('has one chain, however many write at once', async () => {
    const { catalog } = await anAuditedCatalog()
    const models = ['a', 'b', 'c', 'd']
    await Promise.all(
      models.flatMap((model) => ['one', 'two', 'three'].map((seed) => publish(catalog, model, seed))),
    )
    expect((await catalog.auditHead()).sequence).to.equal(12)
    await expectWhole(catalog)
  })

  it('tells tokens without what opens anything', async () => {
    const { catalog, entries } = await anAuditedCatalog()
    const made = { name: 'ci', digest: digestOf('x'), allow: ['pull'], subject: null, expiresAt: null }
    await catalog.writeShared(async (writer) => {
      const { id } = await writer.insertToken({ ...made, publishers: [], createdAt: 1, createdBy: 'ada' })
      await writer.changeToken(id, { revokedAt: 5, revokedBy: 'bob' })
    })
    const token = { token: 1, name: 'ci', allow: ['pull'], subject: null, expiresAt: null, revokedAt: null }
    expect((await entries()).map(told)).to.deep.equal([
      { actor: 'ada', action: 'token.created', model: null, tag: null, before: null, after: token },
      {
        actor: 'bob',
        action: 'token.changed',
        model: null,
        tag: null,
        before: token,
        after: { ...token, revokedAt: 5 },
      },
    ])
    expect(JSON.stringify(await entries())).to.not.include(digestOf('x'))
  })
})

describe('refused changes', () => {
  const refusal = (address: string, code: string, name = 'ci'): RefusedChange => ({
    actor: { principal: { name }, address, request: 'r' },
    method: 'PUT',
    path: '/api/v1/models/shop/tags/production',
    status: 403,
    code,
  })

  it('are one entry for each address, author and reason in a minute, with their number', async () => {
    const { catalog, clock, entries } = await anAuditedCatalog()
    const refused = new RefusedChanges()
    for (let turn = 0; turn < 1_000; turn++)
      refused.note(refusal('192.0.2.1', 'token-insufficient'), clock.now())
    refused.note(refusal('192.0.2.2', 'token-insufficient'), clock.now())
    await refused.flush(catalog, clock)
    await refused.flush(catalog, clock)
    const all = await entries()
    expect(all.map(({ address, after }) => [address, after?.['count']])).to.deep.equal([
      ['192.0.2.1', 1_000],
      ['192.0.2.2', 1],
    ])
    expect(all[0]).to.deep.include({
      actor: 'ci',
      action: 'refused',
      before: null,
      after: {
        method: 'PUT',
        path: '/api/v1/models/shop/tags/production',
        status: 403,
        code: 'token-insufficient',
        count: 1_000,
        firstAt: new Date(clock.now()).toISOString(),
      },
    })
    await expectWhole(catalog)
  })

  it('of many addresses are few entries all the same, and the rest is counted', async () => {
    const { catalog, clock, entries } = await anAuditedCatalog()
    const refused = new RefusedChanges()
    for (let host = 0; host < 10_000; host++) {
      refused.note(refusal(`10.0.${host >> 8}.${host & 255}`, 'token-required'), clock.now())
    }
    await refused.flush(catalog, clock)
    const all = await entries()
    expect(all).to.have.length(21)
    const counts = all.map(({ after }) => Number(after?.['count']))
    expect(counts.reduce((sum, count) => sum + count)).to.equal(10_000)
  })

  it('that go on and on are a thousand entries a day, and one a minute beyond', async () => {
    const { catalog, clock, entries } = await anAuditedCatalog()
    const refused = new RefusedChanges()
    const minutes = 200
    for (let minute = 0; minute < minutes; minute++) {
      for (let host = 0; host < 40; host++) refused.note(refusal(`10.0.0.${host}`, 'x'), clock.now())
      await refused.flush(catalog, clock)
      clock.advance(MINUTE)
    }
    expect((await entries()).length).to.be.within(1_000, 1_000 * (1 + minutes / 1_440) + minutes)
    await expectWhole(catalog)
  })

  it('with a long path take little room', async () => {
    const { catalog, clock, entries } = await anAuditedCatalog()
    const refused = new RefusedChanges()
    refused.note({ ...refusal('192.0.2.1', 'x'), path: `/${'x'.repeat(10_000)}` }, clock.now())
    await refused.flush(catalog, clock)
    expect(JSON.stringify(await entries()).length).to.be.below(1_000)
  })
})

describe('an audit that is shortened', () => {
  async function aLongAudit(): Promise<Audited> {
    const audited = await anAuditedCatalog()
    await publish(audited.catalog, 'shop', 'one')
    for (let day = 1; day < 10; day++) {
      audited.clock.advance(DAY)
      await audited.catalog.write('shop', (writer) => writer.updateNotes('shop', 1, `day ${day}`))
    }
    return audited
  }

  it('is whole without what is old: a checkpoint says what was dropped', async () => {
    const { catalog, clock, entries } = await aLongAudit()
    expect(await shortenAudit(catalog, clock.now() - 3 * DAY, clock.now())).to.equal(false)
    const left = await entries()
    expect(left.map(({ sequence }) => sequence)).to.deep.equal([7, 8, 9, 10, 11])
    expect(left.at(-1)).to.deep.include({ actor: 'slipway', action: CHECKPOINT })
    await expectWhole(catalog)
  })

  it('again and again stays whole, and is not shortened without need', async () => {
    const { catalog, clock, entries } = await aLongAudit()
    for (const days of [7, 5, 5, 2]) {
      await shortenAudit(catalog, clock.now() - days * DAY, clock.now())
      await expectWhole(catalog)
    }
    expect((await entries()).filter(({ action }) => action === CHECKPOINT)).to.have.length(3)
  })

  it('keeps so many entries at most', async () => {
    const { catalog, clock, entries } = await aLongAudit()
    await shortenAudit(catalog, 0, clock.now(), 4)
    expect((await entries()).map(({ sequence }) => sequence)).to.deep.equal([7, 8, 9, 10, 11])
    await expectWhole(catalog)
  })

  it('keeps its last entry, however old', async () => {
    const { catalog, clock, entries } = await aLongAudit()
    clock.advance(1_000 * DAY)
    await shortenAudit(catalog, clock.now() - DAY, clock.now())
    expect((await entries()).map(({ sequence }) => sequence)).to.deep.equal([10, 11])
    await expectWhole(catalog)
  })
})
