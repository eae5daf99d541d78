import { expect } from 'chai'
import type { NewToken } from '../../server/access/token.ts'
import type { Catalog, SharedWriter } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { digestOf, rejection } from './catalog-support.ts'

const MADE = Date.parse('2026-01-01T00:00:00.000Z')

/** A token to be kept; the same seed gives the same. */
function aToken(name: string, seed = name, more: Partial<NewToken> = {}): NewToken {
  const allow = ['publish:support-*', 'promote:*@staging']
  return {
    name,
    digest: digestOf(seed),
    allow,
    subject: null,
    publishers: [],
    createdAt: MADE,
    createdBy: 'ada',
    expiresAt: null,
    ...more,
  }
}

/** The promises of the part of the port that keeps tokens. */
export function describeCatalogTokens(name: string, make: () => Promise<Catalog>): void {
  describe(`the tokens of a ${name}`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      const made = await make()
      catalog = made
      afterThisTest(() => made.close())
    })

    const write = <Result>(work: (writer: SharedWriter) => Promise<Result>) => catalog.writeShared(work)
    const insert = (token: NewToken, replaces?: number) =>
      write((writer) => writer.insertToken(token, replaces))

    const changedAfter = async (revision: number) => (await catalog.listTokensChangedAfter(revision)).tokens
    const lastRevision = async () => (await catalog.listTokensChangedAfter(0)).revision

    it('are none at first, at revision 0', async () => {
      expect(await lastRevision()).to.equal(0)
      expect(await catalog.listTokens({ limit: 10 })).to.deep.equal([])
      expect(await catalog.findTokens('ci')).to.deep.equal([])
    })

    it('are kept as they were made', async () => {
      const token = await insert(aToken('ci', 'ci', { expiresAt: MADE + 1_000 }))
      expect(token).to.deep.equal({
        ...aToken('ci', 'ci', { expiresAt: MADE + 1_000 }),
        id: 1,
        revokedAt: null,
        revokedBy: null,
        successor: null,
        lastUsedAt: null,
      })
      expect(await catalog.findTokens('ci')).to.deep.equal([token])
    })

    it('are listed page by page, the last made first', async () => {
      for (const each of ['a', 'b', 'c']) await insert(aToken(each))
      const [first, second] = await catalog.listTokens({ limit: 2 })
      expect([first?.name, second?.name]).to.deep.equal(['c', 'b'])
      const rest = await catalog.listTokens({ limit: 2, cursor: second?.id ?? 0 })
      expect(rest.map((token) => token.name)).to.deep.equal(['a'])
    })

    it('have one in force for each name', async () => {
      await insert(aToken('ci'))
      expect(await rejection(insert(aToken('ci', 'another')))).to.include({ code: 'token-exists' })
      expect(await catalog.findTokens('ci')).to.have.length(1)
    })

    it('that were revoked give up their name', async () => {
      const { id } = await insert(aToken('ci'))
      await write((writer) => writer.changeToken(id, { revokedAt: MADE, revokedBy: 'bob' }))
      const again = await insert(aToken('ci', 'another'))
      const [second, first] = await catalog.findTokens('ci')
      expect(second).to.deep.equal(again)
      expect(first).to.include({ revokedAt: MADE, revokedBy: 'bob' })
    })

    it('that are replaced name their successor, which takes the name', async () => {
      const { id } = await insert(aToken('ci'))
      const successor = await insert(aToken('ci', 'second'), id)
      const [, before] = await catalog.findTokens('ci')
      expect(before).to.include({ id, successor: successor.id })
      expect(await rejection(insert(aToken('ci', 'third')))).to.include({ code: 'token-exists' })
    })

    it('that are issued to a subject may share a name', async () => {
      await insert(aToken('github', 'one', { subject: 'run 1' }))
      await insert(aToken('github', 'two', { subject: 'run 2' }))
      expect(await catalog.findTokens('github')).to.have.length(2)
    })

    it('that are issued for trusted publishers are found by each of them until they are revoked', async () => {
      const issued = { subject: 'run 1', publishers: ['a_b', 'shop'] }
      const both = await insert(aToken('a_b', 'one', issued))
      const shop = await insert(aToken('shop', 'two', { ...issued, publishers: ['shop'] }))
      await insert(aToken('axb', 'three', { ...issued, publishers: ['axb', 'shop-2'] }))
      await insert(aToken('of-people'))
      expect(await catalog.listTokensIssuedFor('shop')).to.deep.equal([shop, both])
      expect(await catalog.listTokensIssuedFor('a_b')).to.deep.equal([both])
      await write((writer) => writer.changeToken(both.id, { revokedAt: MADE, revokedBy: 'ada' }))
      expect(await catalog.listTokensIssuedFor('a_b')).to.deep.equal([])
    })

    it('that are made while they are held wait, and are then seen by whoever held them', async () => {
      let inserted: Promise<unknown> | undefined
      const seen = await write(async (writer) => {
        await writer.holdTokens()
        inserted = insert(aToken('late'))
        return (await writer.findTokens('late')).length
      })
      await inserted
      expect([seen, (await catalog.findTokens('late')).length]).to.deep.equal([0, 1])
    })

    it('of which nothing was changed are left where a change fails', async () => {
      await insert(aToken('ci'))
      const failed = write(async (writer) => {
        await writer.insertToken(aToken('other'))
        throw new Error('no')
      })
      await rejection(failed)
      expect(await catalog.findTokens('other')).to.deep.equal([])
      expect(await lastRevision()).to.equal(1)
    })

    it('are told after a revision, each as it is now', async () => {
      const one = await insert(aToken('one'))
      await insert(aToken('two'))
      const revision = await lastRevision()
      expect(await changedAfter(revision)).to.deep.equal([])
      await write((writer) => writer.changeToken(one.id, { expiresAt: MADE + 5 }))
      expect(await lastRevision()).to.be.greaterThan(revision)
      expect(await changedAfter(revision)).to.deep.equal([{ ...one, expiresAt: MADE + 5 }])
      expect(await changedAfter(0)).to.have.length(2)
    })

    it('that are replaced are told of with their successor', async () => {
      const one = await insert(aToken('one'))
      const revision = await lastRevision()
      const two = await insert(aToken('one', 'two'), one.id)
      expect(await changedAfter(revision)).to.deep.equal([{ ...one, successor: two.id }, two])
    })

    it('are noted as used without a new revision', async () => {
      const one = await insert(aToken('one'))
      await insert(aToken('two'))
      await write((writer) => writer.noteTokensUsed([one.id], MADE + 60_000))
      expect((await catalog.findTokens('one'))[0]).to.include({ lastUsedAt: MADE + 60_000 })
      expect((await catalog.findTokens('two'))[0]).to.include({ lastUsedAt: null })
      expect(await lastRevision()).to.equal(2)
    })

    it('that were issued to a subject are forgotten once they are over; those of people never', async () => {
      await insert(aToken('github', 'one', { subject: 'run 1', expiresAt: MADE }))
      await insert(aToken('github', 'two', { subject: 'run 2', expiresAt: MADE + 10 }))
      await insert(aToken('ci', 'three', { expiresAt: MADE }))
      await write((writer) => writer.forgetIssuedTokens(MADE + 5))
      const left = await catalog.listTokens({ limit: 10 })
      expect(left.map(({ subject }) => subject)).to.deep.equal([null, 'run 2'])
    })
  })
}
