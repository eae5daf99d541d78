import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { parseGrant } from '../../protocol/grant.ts'
import { isTokenText } from '../../protocol/token-text.ts'
import { createToken, type TokenDependencies, type TokenRequest } from '../../server/access/create-token.ts'
import { followTokens, noteUse } from '../../server/access/follow-tokens.ts'
import { KnownTokens } from '../../server/access/known-tokens.ts'
import { revokeToken } from '../../server/access/revoke-token.ts'
import { rotateToken } from '../../server/access/rotate-token.ts'
import type { TokenRecord } from '../../server/access/token.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { FollowedDatabase } from '../../server/coordination/followed-database.ts'
import { digestOfToken } from '../../server/access/draw-token.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { answeredBy, splitReads } from '../support/answered-by.ts'
import { eventually } from '../support/eventually.ts'
import { aClock, type ManualClock } from '../support/manual-clock.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

interface Tokens extends TokenDependencies {
  clock: ManualClock
  create: (request?: Partial<TokenRequest>) => ReturnType<typeof createToken>
  /** Whether a secret opens anything on a server that knows these tokens. */
  opens: (secret: string, known?: KnownTokens) => boolean
}

const aFollowed = (pause = () => Promise.resolve()) => new FollowedDatabase(undefined, pause)

async function someTokens(): Promise<Tokens> {
  const clock = aClock()
  const dependencies = {
    catalog: await aCatalog(),
    clock,
    knownTokens: new KnownTokens(aFollowed()),
    random: randomBytes,
  }
  const allow = [parseGrant('publish:support-*')!]
  return {
    ...dependencies,
    create: (request) =>
      createToken(dependencies, { name: 'ci', allow, lifetime: null, by: 'ada', ...request }),
    opens: (secret, known = dependencies.knownTokens) =>
      known.find(Buffer.from(digestOfToken(secret), 'hex'), clock.now()) !== undefined,
  }
}

describe('tokens', () => {
  it('open what they allow as soon as they are made, and only their SHA-256 is kept', async () => {
    const tokens = await someTokens()
    const { secret, token } = await tokens.create({ lifetime: 90 * DAY })
    expect(isTokenText(secret)).to.equal(true)
    expect(token).to.include({ name: 'ci', createdBy: 'ada', expiresAt: tokens.clock.now() + 90 * DAY })
    expect(token.allow).to.deep.equal(['publish:support-*'])
    expect(tokens.opens(secret)).to.equal(true)
    expect(JSON.stringify(await tokens.catalog.listTokens({ limit: 10 }))).to.not.include(secret.slice(8, 20))
  })

  it('open nothing from the moment on when they expire', async () => {
    const tokens = await someTokens()
    const { secret } = await tokens.create({ lifetime: DAY })
    tokens.clock.advance(DAY - 1)
    expect(tokens.opens(secret)).to.equal(true)
    tokens.clock.advance(1)
    expect(tokens.opens(secret)).to.equal(false)
  })

  it('that were revoked open nothing: the one in force, the one before it, and those that were issued', async () => {
    const tokens = await someTokens()
    const first = await tokens.create()
    const second = await rotateToken(tokens, { name: 'ci', overlap: DAY, by: 'ada' })
    const issued = await tokens.create({ subject: 'run 1', lifetime: 15 * MINUTE })
    expect([first, second, issued].map(({ secret }) => tokens.opens(secret))).to.deep.equal([
      true,
      true,
      true,
    ])
    expect(await revokeToken(tokens, { name: 'ci', by: 'bob' })).to.have.length(3)
    expect([first, second, issued].map(({ secret }) => tokens.opens(secret))).to.deep.equal([
      false,
      false,
      false,
    ])
    expect(await rejection(revokeToken(tokens, { name: 'ci', by: 'bob' }))).to.include({
      code: 'token-not-found',
    })
  })

  it('that are rotated stay good for the overlap, and their successor is as they were', async () => {
    const tokens = await someTokens()
    const first = await tokens.create({ lifetime: 90 * DAY })
    tokens.clock.advance(80 * DAY)
    const second = await rotateToken(tokens, { name: 'ci', overlap: DAY, by: 'bob' })
    expect(second.token).to.include({ createdBy: 'bob', expiresAt: tokens.clock.now() + 90 * DAY })
    expect(second.token.allow).to.deep.equal(first.token.allow)
    tokens.clock.advance(DAY - 1)
    expect([tokens.opens(first.secret), tokens.opens(second.secret)]).to.deep.equal([true, true])
    tokens.clock.advance(1)
    expect([tokens.opens(first.secret), tokens.opens(second.secret)]).to.deep.equal([false, true])
  })

  it('that are rotated never live longer for it', async () => {
    const tokens = await someTokens()
    const first = await tokens.create({ lifetime: 90 * DAY })
    tokens.clock.advance(90 * DAY)
    const second = await rotateToken(tokens, { name: 'ci', overlap: DAY, by: 'bob' })
    expect([tokens.opens(first.secret), tokens.opens(second.secret)]).to.deep.equal([false, true])
  })

  it('that are rotated without overlap are over at once', async () => {
    const tokens = await someTokens()
    const first = await tokens.create()
    await rotateToken(tokens, { name: 'ci', overlap: 0, by: 'bob' })
    expect(tokens.opens(first.secret)).to.equal(false)
  })

  it('that two people make or rotate at once are one', async () => {
    const tokens = await someTokens()
    const made = await Promise.allSettled([tokens.create(), tokens.create()])
    expect(made.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected'])
    const rotated = await Promise.all(
      ['ada', 'bob'].map((by) => rotateToken(tokens, { name: 'ci', overlap: DAY, by })),
    )
    const inForce = (await tokens.catalog.findTokens('ci')).filter(({ successor }) => successor === null)
    expect(inForce.map(({ id }) => id)).to.deep.equal([Math.max(...rotated.map(({ token }) => token.id))])
  })

  it('that are not there can be neither rotated nor revoked', async () => {
    const tokens = await someTokens()
    for (const failing of [
      rotateToken(tokens, { name: 'nobody', overlap: 0, by: 'ada' }),
      revokeToken(tokens, { name: 'nobody', by: 'ada' }),
    ])
      expect(await rejection(failing)).to.include({ code: 'token-not-found' })
  })

  it('open nothing where servers are failed over to a database that lost them', async () => {
    const [tokens, standby] = [await someTokens(), await someTokens()]
    await standby.create({ name: 'kept' })
    await tokens.create({ name: 'kept' })
    const { secret } = await tokens.create({ name: 'lost' })
    expect(tokens.opens(secret)).to.equal(true)
    await tokens.knownTokens.refresh(standby.catalog)
    expect(tokens.opens(secret)).to.equal(false)
    expect(tokens.knownTokens.size).to.equal(1)
  })

  it('open nothing where that database gave the number of their change again to another', async () => {
    const [tokens, standby] = [await someTokens(), await someTokens()]
    const other = new KnownTokens(aFollowed())
    const { secret } = await tokens.create({ name: 'lost' })
    const { secret: since } = await standby.create({ name: 'since' })
    await other.refresh(answeredBy('first', tokens.catalog))
    await other.refresh(answeredBy('second', standby.catalog))
    expect([tokens.opens(secret, other), tokens.opens(since, other)]).to.deep.equal([false, true])
  })

  it('go on to open where a standby answers that may take them in yet', async () => {
    const [tokens, standby] = [await someTokens(), await someTokens()]
    const other = new KnownTokens(aFollowed())
    const { secret } = await tokens.create({ name: 'late' })
    await other.refresh(answeredBy('first', tokens.catalog))
    await other.refresh(answeredBy(undefined, standby.catalog))
    expect(tokens.opens(secret, other)).to.equal(true)
  })

  it('go on to open where what looks lost is found after a short while', async () => {
    const [tokens, standby] = [await someTokens(), await someTokens()]
    let answering = tokens.catalog
    const other = new KnownTokens(aFollowed(() => Promise.resolve(void (answering = tokens.catalog))))
    const { secret } = await tokens.create({ name: 'late' })
    await other.refresh(tokens.catalog)
    answering = standby.catalog
    await other.refresh(splitReads(() => answering))
    expect(tokens.opens(secret, other)).to.equal(true)
  })

  it('go on to open where servers are failed over and a standby is asked for all of them', async () => {
    const [tokens, standby] = [await someTokens(), await someTokens()]
    const other = new KnownTokens(aFollowed())
    const { secret } = await tokens.create({ name: 'kept' })
    await other.refresh(answeredBy('first', tokens.catalog))
    const second = answeredBy('second', tokens.catalog)
    const read = (revision: number) =>
      (revision === 0 ? answeredBy(undefined, standby.catalog) : second).listTokensChangedAfter(revision)
    await other.refresh({ ...second, listTokensChangedAfter: read })
    expect(tokens.opens(secret, other)).to.equal(true)
  })

  it('are known to another server once it has looked again', async () => {
    const tokens = await someTokens()
    const other = new KnownTokens()
    const { secret } = await tokens.create()
    await other.refresh(tokens.catalog)
    expect(tokens.opens(secret, other)).to.equal(true)
    await revokeToken(tokens, { name: 'ci', by: 'bob' })
    expect(tokens.opens(secret, other)).to.equal(true)
    await other.refresh(tokens.catalog)
    expect(tokens.opens(secret, other)).to.equal(false)
  })

  it('that were revoked on one server open nothing on another within 5 s', async () => {
    const tokens = await someTokens()
    const other = new KnownTokens()
    const { secret } = await tokens.create()
    await other.refresh(tokens.catalog)
    const ending = new AbortController()
    const following = followTokens(
      { ...tokens, knownTokens: other, onFailure: () => undefined },
      ending.signal,
    )
    await revokeToken(tokens, { name: 'ci', by: 'bob' })
    await eventually('the revocation is known', () => !tokens.opens(secret, other), 5_000)
    ending.abort()
    await following
  }).timeout(10_000)

  it('are told when they were last used', async () => {
    const tokens = await someTokens()
    const { secret } = await tokens.create()
    const onFailure = () => undefined
    await noteUse({ ...tokens, onFailure })
    expect((await tokens.catalog.findTokens('ci'))[0]).to.include({ lastUsedAt: null })
    tokens.knownTokens.find(Buffer.from(digestOfToken(secret), 'hex'), tokens.clock.now())!.isUsed = true
    tokens.clock.advance(MINUTE)
    await noteUse({ ...tokens, onFailure })
    expect((await tokens.catalog.findTokens('ci'))[0]).to.include({ lastUsedAt: tokens.clock.now() })
  })

  it('that were issued to a subject leave the memory when they are over', async () => {
    const tokens = await someTokens()
    await tokens.create({ name: 'github', subject: 'run 1', lifetime: 15 * MINUTE })
    await tokens.create()
    tokens.clock.advance(15 * MINUTE)
    await noteUse({ ...tokens, onFailure: () => undefined })
    expect(tokens.knownTokens.size).to.equal(1)
  })

  it('that were issued to a subject are forgotten two days later, also where no token is used', async () => {
    const tokens = await someTokens()
    const issue = () => tokens.create({ name: 'github', subject: 'run', lifetime: 15 * MINUTE })
    await issue()
    tokens.clock.advance(3 * 24 * 60 * MINUTE)
    await issue()
    tokens.clock.advance(15 * MINUTE)
    await noteUse({ ...tokens, onFailure: () => undefined })
    expect(await tokens.catalog.findTokens('github')).to.have.length(1)
  })

  it('are all revoked, also one that a rotation made when the name had been looked up', async () => {
    const tokens = await someTokens()
    await tokens.create()
    const before = await tokens.catalog.findTokens('ci')
    const { secret } = await rotateToken(tokens, { name: 'ci', overlap: 0, by: 'ada' })
    await revokeToken({ ...tokens, catalog: readEarlier(tokens.catalog, before) }, { name: 'ci', by: 'bob' })
    expect(tokens.opens(secret)).to.equal(false)
  })

  it('get no successor when they were revoked after the name had been looked up', async () => {
    const tokens = await someTokens()
    await tokens.create()
    const before = await tokens.catalog.findTokens('ci')
    await revokeToken(tokens, { name: 'ci', by: 'bob' })
    const late = { ...tokens, catalog: readEarlier(tokens.catalog, before) }
    expect(await rejection(rotateToken(late, { name: 'ci', overlap: 0, by: 'ada' }))).to.include({
      code: 'token-not-found',
    })
    expect(tokens.knownTokens.size).to.equal(0)
  })
})

/** A catalog whose next write looks tokens up first as they were earlier: in Postgres a look-up waits for no other change. */
function readEarlier(catalog: Catalog, earlier: TokenRecord[]): Catalog {
  let isEarly = true
  return {
    ...catalog,
    writeShared: (work) =>
      catalog.writeShared((writer) =>
        work({
          ...writer,
          findTokens: async (name) => {
            if (!isEarly) return writer.findTokens(name)
            isEarly = false
            return Promise.resolve(earlier)
          },
        }),
      ),
  }
}
