import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { answeredBy } from '../support/answered-by.ts'
import { eventually } from '../support/eventually.ts'
import { digestOf, MODEL, pollerOf, SECOND, TAG } from './runner-support.ts'
import { SharedShop } from './shared-shop.ts'

describe('one of several servers whose database went away', () => {
  const aShop = async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    const refuse = () => Promise.reject(new DomainError('catalog-unavailable', 'It is away.'))
    const { catalog } = shop
    return {
      shop,
      server: server!,
      leave: () => {
        server!.catalog.write = refuse
      },
      /** Transactions are done from now on, and their COMMIT fails. */
      failAtTheEnd: () => {
        server!.catalog.write = (model, work) =>
          catalog.write(model, async (writer) => {
            await work(writer)
            return refuse()
          })
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

  it('has a bot that starts while transactions fail take its place once they do not', async () => {
    const { shop, server, failAtTheEnd, comeBack } = await aShop()
    const [starting, other] = shop.bots
    const second = shop.servers[1]!
    await shop.promote(server, 2, { policy: { maxUpdating: 1 } })
    await second.runner.reload(MODEL)
    failAtTheEnd()
    starting!.runs = null
    const given = await server.select(MODEL, TAG, pollerOf(starting!), shop.clock.now())
    expect(given).to.have.property('offer')
    comeBack()
    await server.fleet.save()
    shop.clock.advance(SECOND)
    expect(await shop.poll(other!, second)).to.include({ kind: 'keep' })
    expect(shop.mostUpdating).to.equal(1)
  })

  it('concludes from what a new bot loads that it was given while transactions failed', async () => {
    const { shop, server, failAtTheEnd, comeBack } = await aShop()
    failAtTheEnd()
    const bot = shop.addBot(3)
    await shop.poll(bot, server)
    comeBack()
    shop.clock.advance(SECOND)
    await shop.poll(bot, server)
    const loads = await shop.eventsOf('loaded')
    expect(loads.filter(({ process }) => process === bot.process)).to.have.length(1)
    const firsts = await shop.eventsOf('first-seen')
    expect(firsts.filter(({ process }) => process === bot.process)).to.have.length(1)
  })

  it('does not take in what it gave a bot that another server has heard since', async () => {
    const { shop, server, failAtTheEnd, comeBack } = await aShop()
    failAtTheEnd()
    const bot = shop.addBot(3)
    await shop.poll(bot, server)
    shop.clock.advance(SECOND)
    await shop.poll(bot, shop.servers[1]!)
    comeBack()
    await server.fleet.save()
    const [stored] = await shop.catalog.findProcesses([{ model: MODEL, process: bot.process }])
    expect(stored?.record).to.include({ digest: digestOf(1), offer: null })
  })

  it('has kept once it is back what it answered from memory meanwhile', async () => {
    const { shop, server, failAtTheEnd, comeBack } = await aShop()
    const bot = shop.addBot(3)
    await shop.poll(bot, server)
    await shop.poll(bot, server)
    failAtTheEnd()
    await shop.poll(bot, server)
    comeBack()
    await server.fleet.save()
    await shop.poll(bot, server)
    const [stored] = await shop.catalog.findProcesses([{ model: MODEL, process: bot.process }])
    expect(stored?.record.polls).to.equal(2)
  })

  it('has kept what it heard meanwhile also where the program of the database was started again', async () => {
    const { shop, server, leave, comeBack } = await aShop()
    const bot = shop.addBot(3)
    await shop.poll(bot, server)
    leave()
    await shop.poll(bot, server)
    comeBack()
    Object.assign(server.catalog, answeredBy('started again', server.catalog))
    await server.fleet.compare()
    await server.fleet.save()
    const [stored] = await shop.catalog.findProcesses([{ model: MODEL, process: bot.process }])
    expect(stored?.record).to.include({ digest: digestOf(1), offer: null })
  })

  it('keeps what went wrong forgotten where somebody had it tried again and the next transaction failed', async () => {
    const { shop, server, failAtTheEnd, comeBack } = await aShop()
    const [bot] = shop.bots
    bot!.broken.add(2)
    await shop.promote(server, 2, { policy: { steps: [2, '100%'], attempts: 5 } })
    await shop.poll(bot!, server)
    shop.clock.advance(SECOND)
    await shop.poll(bot!, server)
    shop.clock.advance(SECOND)
    const { id } = server.rollouts.find(MODEL, TAG)!
    await server.control.steer({ model: MODEL, id, command: 'retry', by: 'ann', reason: null })
    failAtTheEnd()
    await server.fleet.save()
    comeBack()
    await server.fleet.save()
    const [stored] = await shop.catalog.findProcesses([{ model: MODEL, process: bot!.process }])
    expect(stored?.record.failures).to.deep.equal([])
  })
})
