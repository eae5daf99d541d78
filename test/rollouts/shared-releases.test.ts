import { expect } from 'chai'
import { releaseNumbers } from '../../server/rollouts/release-numbers.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aRelease } from '../support/a-release.ts'
import { digestOf, MODEL } from './runner-support.ts'
import { SharedShop } from './shared-shop.ts'

describe('one of several servers', () => {
  it('knows both of two releases that another one publishes between two looks', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 1 })
    const [publishing, server] = shop.servers
    await shop.catalog.write(MODEL, async (writer) => {
      for (const number of [5, 6]) await writer.insertRelease(aRelease({ digest: digestOf(number) }))
    })
    await shop.promote(publishing!, 6)
    await server!.runner.reload(MODEL)
    expect([5, 6].map((number) => server!.index.numberOf(MODEL, digestOf(number)))).to.deep.equal([5, 6])
  })

  it('knows them, too, where it looked for what became of bots first', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 1 })
    const [publishing, server] = shop.servers
    await shop.catalog.write(MODEL, async (writer) => {
      for (const number of [5, 6]) await writer.insertRelease(aRelease({ digest: digestOf(number) }))
    })
    await shop.promote(publishing!, 6)
    await server!.fleet.compare()
    expect([5, 6].map((number) => server!.index.numberOf(MODEL, digestOf(number)))).to.deep.equal([5, 6])
  })

  it('says of several with the same bytes by which number a bot runs them, as the one that moved the tag', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 1 })
    const [publishing, server] = shop.servers
    await shop.catalog.write(MODEL, async (writer) => {
      for (const number of [5, 6, 5]) await writer.insertRelease(aRelease({ digest: digestOf(number) }))
    })
    await shop.promote(publishing!, 5)
    await server!.runner.reload(MODEL)
    expect(server!.index.numberOf(MODEL, digestOf(5))).to.equal(7)
    for (const each of [publishing!, server!])
      expect(releaseNumbers(each)(MODEL, digestOf(5), 'production')).to.equal(5)
  })
})
