import { expect } from 'chai'
import { pino } from 'pino'
import { composeWebhooks } from '../../server/composition/compose-webhooks.ts'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { aMove, aWebhook } from '../contracts/catalog-webhooks.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aClock } from '../support/manual-clock.ts'

const HOUR = 60 * 60_000

/** Webhooks over a catalog in which one webhook takes nothing and has a dead delivery. */
async function composed() {
  const [catalog, clock] = [await aCatalog(), aClock()]
  const webhooks = composeWebhooks({
    catalog,
    deferrableCatalog: catalog,
    clock,
    config: { webhookHosts: [], publicUrl: undefined },
    logger: pino({ level: 'silent' }),
    housekeeping: new SoleHousekeeper(),
    isCatalogLost: () => false,
  })
  await catalog.writeShared(async (writer) => {
    const { id } = await writer.insertWebhook(aWebhook({ name: 'on-call' }))
    await writer.addEvents([1, 2].map((to) => aMove('shop', to, { at: clock.now() })))
    const delivery = { webhook: id, model: 'shop' }
    const queue = { failures: 1, failingSince: clock.now(), nextAt: clock.now(), error: 'was answered 503' }
    const failed = { at: clock.now(), status: 503, error: 'was answered 503', giveUpBefore: null, queue }
    const [second, first] = await writer.listDeliveries(id, { limit: 2 })
    await writer.noteAttempt({
      ...failed,
      state: 'dead',
      disabledReason: null,
      delivery: { ...delivery, id: first?.id ?? 0 },
    })
    await writer.noteAttempt({
      ...failed,
      state: 'waiting',
      disabledReason: null,
      delivery: { ...delivery, id: second?.id ?? 0 },
    })
  })
  const numbers = async (): Promise<string> =>
    JSON.stringify(await Promise.all(webhooks.metrics.metrics.map(async (each) => (await each.get()).values)))
  return { catalog, clock, webhooks, numbers }
}

describe('webhooks of a server', () => {
  it('are warned of when one takes nothing for a while, and what was given up is counted', async () => {
    const { clock, webhooks, numbers } = await composed()
    const [given] = await webhooks.warnings()
    expect(given?.message).to.include('Webhook 1 (on-call) was not told everything; deliveries given up: 1.')
    clock.advance(HOUR)
    const [late] = await webhooks.warnings()
    expect(late?.code).to.equal('webhook-failing')
    expect(late?.message).to.match(/Webhook 1 \(on-call\) takes nothing since .*was answered 503/)
    expect(await numbers()).to.include('"value":3600')
  })

  it('keep neither metrics nor status from answering where the catalog does not', async () => {
    const { catalog, webhooks, numbers } = await composed()
    await catalog.close()
    expect(await webhooks.warnings()).to.deep.equal([])
    expect(await numbers()).to.include('delivered')
  })
})
