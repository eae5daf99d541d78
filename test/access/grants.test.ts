import { expect } from 'chai'
import fc from 'fast-check'
import { formatGrant, parseGrant, PERMISSIONS, type Grant } from '../../protocol/grant.ts'
import { compileGrants, containsGrants } from '../../server/access/grants.ts'
import { compilePattern, containsPattern } from '../../server/access/name-pattern.ts'
import { SOME_TAG } from '../../server/access/permission-target.ts'

const character = fc.constantFrom('a', 'b', '-', '.', '0')
const name = fc.string({ unit: character, minLength: 1, maxLength: 8 })
const pattern = fc.string({ unit: fc.oneof(character, fc.constant('*')), minLength: 1, maxLength: 6 })

describe('a pattern of names', () => {
  it('means what the regular expression means that it stands for', () => {
    fc.assert(
      fc.property(pattern, name, (text, candidate) => {
        const expression = new RegExp(`^${text.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
        expect(compilePattern(text)(candidate)).to.equal(expression.test(candidate))
      }),
      { numRuns: 2_000 },
    )
  })

  it('that contains another stands for every name that the other does', () => {
    fc.assert(
      fc.property(pattern, pattern, name, (outer, inner, candidate) => {
        fc.pre(containsPattern(outer, inner) && compilePattern(inner)(candidate))
        expect(compilePattern(outer)(candidate)).to.equal(true)
      }),
      { numRuns: 500 },
    )
  })

  it('contains itself, and * contains all', () => {
    fc.assert(
      fc.property(pattern, (text) => containsPattern(text, text) && containsPattern('*', text)),
      { numRuns: 500 },
    )
  })

  it('of many stars is answered at once', () => {
    const begun = performance.now()
    expect(compilePattern('*a'.repeat(32))('b'.repeat(64))).to.equal(false)
    expect(performance.now() - begun).to.be.lessThan(50)
  })
})

describe('a grant', () => {
  const grant = fc
    .record({ permission: fc.constantFrom(...PERMISSIONS), model: pattern, tag: pattern })
    .map((made): Grant => {
      if (made.permission === 'admin') return { permission: 'admin', model: '*', tag: '*' }
      return ['pull', 'promote'].includes(made.permission) ? made : { ...made, tag: '*' }
    })
  const target = fc.record({
    model: fc.option(name, { nil: undefined }),
    tag: fc.option(name, { nil: undefined }),
  })

  it('reads as it was written', () => {
    fc.assert(
      fc.property(grant, (made) => {
        expect(parseGrant(formatGrant(made))).to.deep.equal(made)
      }),
    )
  })

  it('is one permission, with a model and a tag where it takes them', () => {
    expect(parseGrant('publish:support-*')).to.deep.equal({
      permission: 'publish',
      model: 'support-*',
      tag: '*',
    })
    expect(parseGrant('promote:*@staging')).to.deep.equal({
      permission: 'promote',
      model: '*',
      tag: 'staging',
    })
    const wrong = [
      '',
      'all',
      'publish:',
      'publish:x@staging',
      'admin:shop',
      'pull:Shop',
      'pull:shop@',
      'PULL',
    ]
    for (const text of [
      ...wrong,
      'pull:a b',
      'pull: shop',
      'pull:shop@a@b',
      'manage:shop@x',
      'pull\n',
      'pull:é',
    ])
      expect(parseGrant(text), text).to.equal(undefined)
  })

  it('of anything else than a grant is never understood, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseGrant(text)
        if (read !== undefined)
          expect(formatGrant(parseGrant(formatGrant(read))!)).to.equal(formatGrant(read))
      }),
    )
  })

  it('opens its models and tags, and no others', () => {
    const allows = compileGrants(['publish:support-*', 'promote:*@staging', 'pull:shop@production'])
    expect(allows('publish', { model: 'support-de' })).to.equal(true)
    expect(allows('publish', { model: 'shop' })).to.equal(false)
    expect(allows('publish', {})).to.equal(false)
    expect(allows('promote', { model: 'shop', tag: 'staging' })).to.equal(true)
    expect(allows('promote', { model: 'shop', tag: 'production' })).to.equal(false)
    expect(allows('promote', { model: 'shop' })).to.equal(false)
    expect(allows('promote', { model: 'shop', tag: SOME_TAG })).to.equal(true)
    expect(allows('pull', { model: 'shop', tag: 'production' })).to.equal(true)
    expect(allows('pull', { model: 'shop', tag: 'latest' })).to.equal(false)
    expect(allows('manage', { model: 'shop' })).to.equal(false)
    expect(allows('admin', {})).to.equal(false)
  })

  it('for ** is one for everything, as one for * is', () => {
    expect(compileGrants(['publish:**'])('publish', {})).to.equal(true)
    expect(compileGrants(['promote:**@**'])('promote', {})).to.equal(true)
  })

  it('to change a model opens a look at it, and admin opens everything', () => {
    for (const permission of ['publish', 'promote', 'manage'])
      expect(compileGrants([`${permission}:shop`])('read', { model: 'shop' })).to.equal(true)
    expect(compileGrants(['pull'])('read', { model: 'shop' })).to.equal(false)
    for (const permission of PERMISSIONS) {
      expect(compileGrants(['admin'])(permission, {})).to.equal(true)
      if (permission !== 'admin') expect(compileGrants([permission])('admin', {})).to.equal(false)
    }
  })

  it('that nobody understands opens nothing', () => {
    const allows = compileGrants(['root', 'promote:shop:now', 'admin@x'])
    expect(PERMISSIONS.some((permission) => allows(permission, { model: 'shop' }))).to.equal(false)
  })

  it('that is contained in others opens nothing that these do not', () => {
    const needed = fc.constantFrom(...PERMISSIONS)
    fc.assert(
      fc.property(
        fc.array(grant, { maxLength: 3 }),
        grant,
        needed,
        target,
        (outer, inner, permission, on) => {
          fc.pre(containsGrants(outer, [inner]))
          if (compileGrants([formatGrant(inner)])(permission, on))
            expect(compileGrants(outer.map(formatGrant))(permission, on)).to.equal(true)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('is contained in wider ones', () => {
    const contains = (outer: string, inner: string) =>
      containsGrants([parseGrant(outer)!], [parseGrant(inner)!])
    expect(contains('admin', 'promote:shop@staging')).to.equal(true)
    expect(contains('promote:*@stag*', 'promote:shop@staging')).to.equal(true)
    expect(contains('promote:*@staging', 'read:shop')).to.equal(true)
    expect(contains('manage', 'read:shop')).to.equal(true)
    expect(contains('promote:shop@staging', 'promote:shop')).to.equal(false)
    expect(contains('publish', 'promote')).to.equal(false)
    expect(contains('publish', 'admin')).to.equal(false)
  })
})
