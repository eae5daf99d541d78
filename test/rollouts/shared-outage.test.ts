import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { MODEL, pollerOf, SECOND, TAG } from './runner-support.ts'
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

  it('does not forget what became of an offer meanwhile: a failed load counts once it is back', async () => {
    const { shop, server, leave, comeBack } = await aShop()
    const [bot] = shop.bots
    await shop.promote(server, 2)
    const answer = await server.select(MODEL, TAG, pollerOf(bot!), shop.clock.now())
    leave()
    if (answer?.kind === 'serve') answer.offer?.sent()
    await eventually('the database refuses it', () => shop.failures.length > 0)
    comeBack()
    shop.clock.advance(SECOND)
    await server.select(MODEL, TAG, pollerOf(bot!), shop.clock.now())
    const loads = await shop.eventsOf('load-failed')
    expect(loads.map(({ body }) => body['release'])).to.deep.equal([2])
  })

  it('has what became of an offer kept once it is back, also where no bot polls', async () => {
    const { shop, server, leave, comeBack } = await aShop()
    const [bot] = shop.bots
    await shop.promote(server, 2)
    const answer = await server.select(MODEL, TAG, pollerOf(bot!), shop.clock.now())
    leave()
    if (answer?.kind === 'serve') answer.offer?.cut()
    await eventually('the database refuses it', () => shop.failures.length > 0)
    comeBack()
    await server.fleet.save()
    const [stored] = await shop.catalog.findProcesses([{ model: MODEL, process: bot!.process }])
    expect(stored?.record.offer).to.equal(null)
    expect(await shop.eventsOf('transfer-failed')).to.have.length(1)
  })
})
