import { expect } from 'chai'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { ReleaseIndex } from '../../server/releases/release-index.ts'
import { digestOf, publish } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aRelease } from '../support/a-release.ts'

describe('ReleaseIndex', () => {
  it('has the releases of all models, of the same bytes the newest', async () => {
    const catalog = await aCatalog()
    for (const seed of ['one', 'two', 'one']) await publish(catalog, 'shop', seed)
    await publish(catalog, 'bank', 'three')
    const index = new ReleaseIndex()
    await index.load(catalog)
    expect(index.numberOf('shop', digestOf('one'))).to.equal(3)
    expect(index.numberOf('shop', digestOf('two'))).to.equal(2)
    expect(index.find('bank', digestOf('three'))).to.include({ number: 1, filename: 'bank.tar.gz' })
    expect(index.find('bank', digestOf('one'))).to.equal(undefined)
    expect([index.has(digestOf('three')), index.has(digestOf('four'))]).to.deep.equal([true, false])
  })

  it('has each of several releases with the same bytes under its number', async () => {
    const catalog = await aCatalog()
    for (const seed of ['one', 'two', 'one']) await publish(catalog, 'shop', seed)
    await publish(catalog, 'bank', 'one')
    const index = new ReleaseIndex()
    await index.load(catalog)
    expect([...index.digestsOf(1)]).to.have.deep.members([
      ['shop', digestOf('one')],
      ['bank', digestOf('one')],
    ])
    expect([...index.digestsOf(3)]).to.deep.equal([['shop', digestOf('one')]])
    const numbers = [1, 2, 9].map((number) => index.find('shop', digestOf('one'), number)?.number)
    expect(numbers).to.deep.equal([1, 3, 3])
  })

  it('has an older release with the same bytes where the number of the newest was given again', () => {
    const index = new ReleaseIndex()
    const [kept, other] = ['e'.repeat(64), 'f'.repeat(64)]
    for (const [number, digest] of [
      [2, kept],
      [5, kept],
      [5, other],
    ] as const)
      index.add('shop', { ...aRelease({ digest }), number })
    expect([index.numberOf('shop', kept), index.numberOf('shop', other)]).to.deep.equal([2, 5])
  })

  it('catches up with all that was published since, however much', async () => {
    const catalog = await aCatalog()
    await publish(catalog, 'shop', 'first')
    const index = new ReleaseIndex()
    await index.load(catalog)
    for (let number = 2; number <= 50; number++) await publish(catalog, 'shop', `seed ${number}`)
    await index.catchUp(catalog, 'shop')
    for (const number of [2, 30, 50])
      expect(index.numberOf('shop', digestOf(`seed ${number}`))).to.equal(number)
    await publish(catalog, 'bank', 'three')
    await index.catchUp(catalog, 'bank')
    expect(index.numberOf('bank', digestOf('three'))).to.equal(1)
  })

  it('has no release any more whose number was given again where it catches up with another database', async () => {
    const [lost, after] = [await aCatalog(), await aCatalog()]
    const index = new ReleaseIndex()
    for (const seed of ['kept', 'lost']) await publish(lost, 'shop', seed)
    for (const seed of ['kept', 'given again', 'next']) await publish(after, 'shop', seed)
    await index.load(lost)
    await index.catchUp(after, 'shop')
    const numbers = ['kept', 'lost', 'given again', 'next'].map((seed) =>
      index.numberOf('shop', digestOf(seed)),
    )
    expect(numbers).to.deep.equal([1, undefined, 2, 3])
  })

  it('has no release any more whose number was given again, as a database lost it', () => {
    const index = new ReleaseIndex()
    const [lost, other] = ['e'.repeat(64), 'f'.repeat(64)]
    for (const digest of [lost, other]) index.add('shop', { ...aRelease({ digest }), number: 5 })
    expect([index.numberOf('shop', lost), index.numberOf('shop', other)]).to.deep.equal([undefined, 5])
    expect(index.has(lost)).to.equal(true)
  })

  it('takes in what tags point at since', () => {
    const index = new ReleaseIndex()
    const current = new CurrentReleases()
    const release = aRelease({ digest: 'f'.repeat(64) })
    current.replace({ model: 'shop', defaultTag: 'latest', revision: 1, tags: [{ tag: 'latest', release }] })
    index.addCurrent(current)
    expect(index.find('shop', release.digest)).to.equal(release)
  })

  it('takes in bytes that were published once more, as the newest release that has them', () => {
    const index = new ReleaseIndex()
    const digest = 'f'.repeat(64)
    for (const number of [5, 9, 7]) index.add('shop', { ...aRelease({ digest }), number })
    expect(index.numberOf('shop', digest)).to.equal(9)
    const current = new CurrentReleases()
    const release = { ...aRelease({ digest }), number: 11 }
    current.replace({ model: 'shop', defaultTag: 'latest', revision: 1, tags: [{ tag: 'latest', release }] })
    index.addCurrent(current)
    expect(index.numberOf('shop', digest)).to.equal(11)
  })
})
