import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { answeredBy } from '../support/answered-by.ts'
import { MODEL, TAG } from './runner-support.ts'
import { SharedShop } from './shared-shop.ts'

describe('one of several servers that is failed over to a database which lacks the last changes', () => {
  it('knows no rollout that was lost, and begins another one', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    expect(server!.rollouts.find(MODEL, TAG)).to.deep.include({ endedAt: null })
    Object.assign(server!.catalog, standby.catalog)
    await server!.fleet.compare()
    expect(server!.rollouts.find(MODEL, TAG)).to.equal(null)
    await shop.promote(server!, 3)
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(3)
  })

  it('goes on with the rollout that it knows where a standby answers, which may take it in yet', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    Object.assign(server!.catalog, answeredBy(undefined, standby.catalog))
    await server!.fleet.compare()
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(2)
  })

  it('goes on with the rollout that it knows where a standby answers once between two looks', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    const before = { ...server!.catalog }
    // It says that it is the primary: it became that after it was read.
    let looks = 0
    server!.catalog.listFleetRevisions = () => (looks++ === 0 ? standby.catalog : before).listFleetRevisions()
    await server!.fleet.compare()
    expect([looks, server!.rollouts.find(MODEL, TAG)?.to.release]).to.deep.equal([2, 2])
  })

  it('goes on with the rollout that it knows where a standby is asked for what changed', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server, other] = shop.servers
    await shop.promote(server!, 2)
    await shop.poll(shop.bots[0]!, other!)
    const lagging: Partial<Catalog> = {
      listFleetChanges: (model, after) => standby.catalog.listFleetChanges(model, after),
      listRolloutsUnderWay: (model) => standby.catalog.listRolloutsUnderWay(model),
    }
    Object.assign(server!.catalog, lagging)
    await server!.runner.reload(MODEL)
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(2)
  })

  it('goes on with the rollout that it knows where a standby is asked for a model whose tags are in doubt', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    server!.current.doubt(MODEL, server!.current.revision(MODEL)!)
    Object.assign(server!.catalog, standby.catalog)
    await server!.runner.reload(MODEL)
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(2)
  })

  it('reads nothing anew where it commits something itself while it asks how far all are', async () => {
    const shop = await SharedShop.open(await aCatalog(), { servers: 1, bots: 2 })
    const [server] = shop.servers
    const before = { ...server!.catalog }
    let [release, readAnew] = [1, 0]
    server!.catalog.listFleetRevisions = async () => {
      const answer = await before.listFleetRevisions()
      await shop.promote(server!, ++release)
      return answer
    }
    server!.catalog.listFleets = (models) => {
      readAnew++
      return before.listFleets(models)
    }
    await server!.fleet.compare()
    expect([release, readAnew]).to.deep.equal([2, 0])
  })

  it('knows the rollout that was given the numbers of changes of the one that was lost', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    await standby.promote(standby.servers[0]!, 3)
    expect(await standby.catalog.listFleetRevisions()).to.deep.equal(await shop.catalog.listFleetRevisions())
    Object.assign(server!.catalog, answeredBy('second', standby.catalog))
    await server!.fleet.compare()
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(3)
  })

  it('reads thousands of models anew with few questions', async () => {
    const shop = await SharedShop.open(await aCatalog(), { servers: 1, bots: 2 })
    const names = Array.from({ length: 250 }, (_, index) => `shop-${index}`)
    await shop.catalog.writeEveryModel(async (writer) => {
      for (const model of names) await writer.raiseFleetRevision(model)
    })
    const server = await shop.addServer()
    await server.fleet.compare()
    Object.assign(server.catalog, answeredBy('second', server.catalog))
    const asked = countQuestions(server.catalog)
    await server.fleet.compare()
    expect(server.shared?.state.lostModels()).to.deep.equal([])
    expect(asked()).to.be.below(20)
  })

  it('has of models that it read together what the other database has of each', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 3 })
    const [server] = shop.servers
    await standby.promote(standby.servers[0]!, 3)
    Object.assign(server!.catalog, answeredBy('second', standby.catalog))
    await server!.fleet.compare()
    const processes = await standby.catalog.listProcesses({ limit: 10 })
    expect(processes).to.have.length(3)
    for (const { record } of processes)
      expect(server!.tracker.memory.find(MODEL, record.process)).to.deep.include({ digest: record.digest })
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(3)
  })
})

/** @returns how many questions a catalog was asked since. */
function countQuestions(catalog: Catalog): () => number {
  let asked = 0
  for (const [name, ask] of Object.entries(catalog) as [string, (...all: unknown[]) => unknown][]) {
    const counted = (...all: unknown[]) => {
      asked++
      return ask(...all)
    }
    Object.assign(catalog, { [name]: counted })
  }
  return () => asked
}
