import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { SoleHousekeeper, type HousekeepingTerm } from '../../server/coordination/housekeeping.ts'
import type { Webhook } from '../../server/webhooks/webhook.ts'
import { WebhookDispatcher, type AttemptReport } from '../../server/webhooks/webhook-dispatcher.ts'
import type { AttemptResult, WebhookSender } from '../../server/webhooks/webhook-sender.ts'
import { aMove, aWebhook } from '../contracts/catalog-webhooks.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { aClock } from '../support/manual-clock.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const ACCEPTED: AttemptResult = { kind: 'accepted', status: 200 }
const failed = (status: number | null): AttemptResult => {
  return { kind: 'failed', status, reason: 'of some reason', retryAfter: null }
}

interface Sent {
  url: string
  model: string | null
  to: number
  message: string
  accepted: boolean
}

type Receive = (sent: Omit<Sent, 'accepted'>) => AttemptResult | Promise<AttemptResult>

/** A dispatcher over a real catalog whose receivers answer as the test says; the clock stands still. */
async function dispatching(receive: Receive, isDiskFull = () => false) {
  const kept = await aCatalog()
  const catalog: Catalog = {
    ...kept,
    writeShared: (work) =>
      isDiskFull() ? Promise.reject(new Error('The disk is full')) : kept.writeShared(work),
  }
  const clock = aClock()
  const sent: Sent[] = []
  const reports: AttemptReport[] = []
  const failures: unknown[] = []
  const sender: WebhookSender = {
    async send({ url, body, message }) {
      const { model, data } = JSON.parse(body) as { model: string | null; data: { to: number } }
      await nextTurn()
      const result = await receive({ url, model, to: data.to, message })
      sent.push({ url, model, to: data.to, message, accepted: result.kind === 'accepted' })
      return result
    },
    findRefusal: () => Promise.resolve(undefined),
  }
  const housekeeping: { term: HousekeepingTerm | undefined } = new SoleHousekeeper()
  const dispatcher = new WebhookDispatcher({
    catalog,
    clock,
    sender,
    housekeeping,
    random: () => 0.5,
    publicUrl: undefined,
    pace: 1,
    failurePause: 1,
    onAttempt: (report) => reports.push(report),
    onFailure: (error) => failures.push(error),
  })
  afterThisTest(() => dispatcher.stop())
  const insert = (differences: Partial<Webhook> = {}) =>
    catalog.writeShared((writer) => writer.insertWebhook(aWebhook(differences)))
  const move = (model: string | null, to: number) =>
    catalog.writeShared((writer) => writer.addEvents([aMove(model, to, { at: clock.now() })]))
  return { catalog, clock, sent, reports, failures, housekeeping, dispatcher, insert, move }
}

async function isIdle(catalog: Catalog): Promise<boolean> {
  return (await catalog.summarizeDeliveries()).every(({ waiting }) => waiting === 0)
}

describe('the dispatcher of webhooks', () => {
  it('asks what is due only once there is a webhook', async () => {
    const { catalog, sent, dispatcher, insert, move } = await dispatching(() => ACCEPTED)
    const unwatched = { ...catalog }
    let [asked, looked] = [0, 0]
    catalog.listDueQueues = (...parameters) => {
      asked++
      return unwatched.listDueQueues(...parameters)
    }
    catalog.listWebhooks = () => {
      looked++
      return unwatched.listWebhooks()
    }
    dispatcher.start()
    await eventually('it looked for webhooks a few times', () => looked >= 3)
    expect(asked).to.equal(0)
    await insert()
    await move('shop', 1)
    await eventually('the message arrived', () => sent.length === 1)
    const before = looked
    await eventually('it asked what is due a few times more', () => asked >= 5)
    expect(looked).to.equal(before)
  })

  it('sends what happened while it was not running, and what happens while it is', async () => {
    const { catalog, sent, dispatcher, insert, move } = await dispatching(() => ACCEPTED)
    await insert()
    await move('shop', 1)
    dispatcher.start()
    await eventually('the first arrived', () => sent.length === 1)
    await move('shop', 2)
    await eventually('the second arrived', () => sent.length === 2)
    await eventually('nothing waits', () => isIdle(catalog))
    expect(sent.map(({ to }) => to)).to.deep.equal([1, 2])
  })

  it('leaves a receiver that fails alone for a while, and then sends the same message again', async () => {
    const answers = [failed(503), ACCEPTED]
    const { clock, sent, dispatcher, insert, move, reports } = await dispatching(
      () => answers.shift() ?? expect.fail('it was sent too often'),
    )
    await insert()
    await move('shop', 1)
    dispatcher.start()
    await eventually('it failed', () => reports.length === 1)
    clock.advance(2_000)
    await dispatcher.dispatch()
    expect(sent).to.have.length(1)
    clock.advance(3_000)
    await eventually('it arrived', () => reports.length === 2)
    expect(sent[0]?.message).to.equal(sent[1]?.message)
  })

  it('sends nothing to others late because one receiver hangs', async () => {
    const hanging = Promise.withResolvers<AttemptResult>()
    const { sent, dispatcher, insert, move } = await dispatching(({ url }) =>
      url.includes('hanging') ? hanging.promise : ACCEPTED,
    )
    await insert({ url: 'https://hanging.example/' })
    await insert()
    dispatcher.start()
    for (let index = 0; index < 40; index++) await move(`model-${index}`, index)
    await eventually('the other has all', () => sent.length === 40)
    hanging.resolve(failed(null))
  })

  it('is disabled by a receiver that is gone, and what waits is sent when somebody enables it', async () => {
    let isGone = true
    const { catalog, sent, dispatcher, insert, move } = await dispatching(() =>
      isGone ? failed(410) : ACCEPTED,
    )
    const webhook = await insert()
    await move('shop', 1)
    dispatcher.start()
    const disabled = await eventually('it is disabled', async () => {
      const found = await catalog.findWebhook(webhook.id)
      return found?.enabled === false && found
    })
    isGone = false
    await catalog.writeShared(async (writer) => {
      await writer.updateWebhook({ ...disabled, enabled: true })
      await writer.hastenDeliveries(webhook.id, 0)
    })
    await eventually('it arrived', () => sent.at(-1)?.accepted)
  })

  it('leaves it to the housekeeper where there are several servers', async () => {
    const { sent, housekeeping, dispatcher, insert, move } = await dispatching(() => ACCEPTED)
    const { term } = housekeeping
    await insert()
    await move('shop', 1)
    housekeeping.term = undefined
    await dispatcher.dispatch()
    await nextTurn()
    expect(sent).to.have.length(0)
    housekeeping.term = term
    await dispatcher.dispatch()
    await eventually('it arrived', () => sent.length === 1)
  })

  it('writes down what was taken when there is room again, and does not send it once more', async () => {
    let isFull = false
    const { catalog, sent, failures, dispatcher, insert, move } = await dispatching(
      () => {
        isFull = sent.length === 0
        return ACCEPTED
      },
      () => isFull,
    )
    const { id } = await insert()
    await move('shop', 1)
    await move('shop', 2)
    dispatcher.start()
    await eventually('it was tried to write it down again', () => failures.length > 2)
    expect(sent.map(({ to }) => to)).to.deep.equal([1])
    isFull = false
    await eventually('nothing waits', () => isIdle(catalog))
    expect(sent.map(({ to }) => to)).to.deep.equal([1, 2])
    expect((await catalog.listDeliveries(id, { limit: 9 })).map(({ attempts }) => attempts)).to.deep.equal([
      1, 1,
    ])
  })

  it('does not send over and over what the catalog cannot write down', async () => {
    const { catalog, sent, failures, dispatcher, insert, move } = await dispatching(async () => {
      await catalog.close()
      return ACCEPTED
    })
    await insert()
    await move('shop', 1)
    await dispatcher.dispatch()
    await eventually('it could not be written', () => failures.length > 0)
    await dispatcher.dispatch().catch(() => undefined)
    expect(sent).to.have.length(1)
  })

  it('keeps the order of each model, whatever fails, and loses nothing silently', async () => {
    const model = fc.constantFrom('shop', 'bank', null)
    const answer = fc.constantFrom('ok', 'ok', 'ok', 'failed', 'refused', 'cut')
    await fc.assert(
      fc.asyncProperty(
        fc.array(model, { minLength: 1, maxLength: 25 }),
        fc.array(answer, { minLength: 1, maxLength: 60 }),
        async (models, answers) => {
          let turn = 0
          const underWay = new Set<string>()
          const { catalog, clock, sent, dispatcher, insert, move } = await dispatching(async (message) => {
            const key = `${message.url} ${message.model}`
            expect(underWay.has(key), 'two at once').to.equal(false)
            underWay.add(key)
            await nextTurn()
            underWay.delete(key)
            const kind = turn < answers.length ? answers[turn++] : 'ok'
            if (kind === 'ok') return ACCEPTED
            return failed(kind === 'failed' ? 503 : kind === 'refused' ? 400 : null)
          })
          const webhooks = [await insert(), await insert({ url: 'https://other.example/' })]
          dispatcher.start()
          for (const [index, each] of models.entries()) await move(each, index)
          await eventually('nothing waits', () => {
            clock.advance(31 * 60_000)
            return isIdle(catalog)
          })
          await dispatcher.stop()
          for (const { id, url } of webhooks) {
            const dead = (await catalog.listDeliveries(id, { limit: 100 }, 'dead')).map(
              ({ event }) => event.data['to'],
            )
            for (const each of new Set(models)) {
              const own = sent.filter((message) => message.url === url && message.model === each)
              const arrived = own.filter(({ accepted }) => accepted).map(({ to }) => to)
              const happened = [...models.keys()].filter((index) => models[index] === each)
              expect(arrived).to.deep.equal(happened.filter((index) => !dead.includes(index)))
            }
          }
        },
      ),
      { numRuns: 10 },
    )
  }).timeout(60_000)
})
