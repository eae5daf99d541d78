import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { MODEL, TAG } from './runner-support.ts'
import { SharedShop } from './shared-shop.ts'

describe('one of several servers whose database went away', () => {
  const aShop = async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    const refuse = () => Promise.reject(new DomainError('catalog-unavailable', 'It is away.'))
    const { catalog } = shop
    return {
      ...{ shop, server: server! },
      leave: () => {
        server!.catalog.write = refuse
      },
      comeBack: () => {
        server!.catalog.write = (model, work) => catalog.write(model, work)
      },
    }
  }

  it('tells a bot that runs what it should so, also by its first poll with it', async () => {
    const { shop, server, leave } = await aShop()
    const bot = shop.addBot(3)
    await shop.poll(bot, server)
    leave()
    expect(await shop.poll(bot, server)).to.deep.include({ kind: 'serve' })
    expect(await shop.poll(shop.bots[0]!, server)).to.deep.include({ kind: 'serve' })
  })

  it('sends a bot that runs something else nothing', async () => {
    const { shop, server, leave } = await aShop()
    await shop.promote(server, 2)
    leave()
    expect(await shop.poll(shop.bots[0]!, server)).to.include({ kind: 'unavailable' })
    expect(shop.bots[0]!.runs).to.equal(1)
  })

  it('gives a bot that starts what is known', async () => {
    const { shop, server, leave } = await aShop()
    leave()
    const bot = shop.addBot(3)
    await shop.poll(bot, server)
    expect(bot.runs).to.equal(1)
  })

  it('knows of bots what the catalog says when it is back, and goes on', async () => {
    const { shop, server, leave, comeBack } = await aShop()
    await shop.promote(server, 2)
    leave()
    await shop.poll(shop.bots[0]!, server)
    comeBack()
    await shop.round(() => 0)
    await shop.round(() => 1)
    await shop.round(() => 0)
    expect(shop.bots.map(({ runs }) => runs)).to.deep.equal([2, 2])
    expect(server.rollouts.find(MODEL, TAG)).to.equal(null)
    const loads = (await shop.eventsOf('loaded')).filter(({ body }) => body['release'] === 2)
    expect(loads).to.have.length(2)
  })
})
