import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { Webhook as Verifier } from 'standardwebhooks'
import type { Webhook, WebhookDelivery } from '../../protocol/webhook.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aReceiver, type Receiver } from '../support/a-receiver.ts'
import { aBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/start-server.ts'
import { afterThisTest, onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

interface Setting {
  browser: Browser
  url: string
  receiver: Receiver
}

/** A webhook that was added by the API, as a test finds it. */
interface Added {
  /** Its address in the API. */
  at: string
  page: Page
  /** What came for it, tests of it included. */
  received: () => Receiver['received']
  /** What of it is in some state, the oldest first. */
  deliveries: (state: WebhookDelivery['state']) => Promise<WebhookDelivery[]>
}

describe('a webhook of the dashboard', function () {
  this.timeout(300_000)

  /** It takes tests alone while it refuses: each has what waits tried again at once, and after three times that is given up. */
  let refuses = false

  const setting = onceForSuite<Setting>(async (context) => {
    const browser = await aBrowser(context)
    const { url } = await startServer({ env: { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' } })
    const receiver = await aReceiver((_request, response, { body }) => {
      response.writeHead(refuses && !body.includes('webhook.test') ? 400 : 200).end()
    })
    return { browser, url, receiver }
  })

  beforeEach(() => {
    refuses = false
  })

  async function open(path: string): Promise<Page> {
    const { browser, url } = setting()
    const page = await aWatchedPage(browser, { tolerates: /ERR_/ })
    afterThisTest(() => page.context().close())
    await page.goto(`${url}/${path}`)
    return page
  }

  const publish = (model: string) =>
    fetch(`${setting().url}/models/${model}`, { method: 'POST', body: Buffer.from(anArchive()) })

  /** Adds a webhook that is told of the releases of one model, and opens its page. */
  async function add(model: string): Promise<Added> {
    const { url, receiver } = setting()
    const before = receiver.received.length
    const answer = await fetch(`${url}/api/v1/webhooks`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        url: receiver.url,
        name: model,
        events: ['release.published'],
        models: [model],
      }),
    })
    const { id } = (await answer.json()) as Webhook
    const at = `${url}/api/v1/webhooks/${id}`
    afterThisTest(() => fetch(at, { method: 'DELETE' }))
    return {
      at,
      page: await open(`dashboard/webhooks/${id}`),
      received: () => receiver.received.slice(before),
      deliveries: async (state) => {
        const list = (await (await fetch(`${at}/deliveries?state=${state}`)).json()) as {
          items: WebhookDelivery[]
        }
        return list.items.reverse()
      },
    }
  }

  /** Presses a button, and says yes. */
  async function confirm(page: Page, button: string | RegExp): Promise<void> {
    await page.getByRole('button', { name: button }).first().click()
    await page.getByRole('dialog').locator('button[type=submit]').click()
  }

  const read = async (at: string): Promise<Webhook> => (await (await fetch(at)).json()) as Webhook

  it('is added, and its secret is shown once', async () => {
    const { url, receiver } = setting()
    const page = await open('dashboard/webhooks')
    await page.getByText('Nobody is told what happens').waitFor()
    await page.getByLabel('Address').fill(receiver.url)
    await page.getByLabel('Name').fill('on-call')
    await page.getByRole('combobox', { name: 'For' }).selectOption('standard')
    await page.getByRole('button', { name: 'Add the webhook…' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.innerText()).to.include(`127.0.0.1:${receiver.port} is sent what happens from now on`)
    await dialog.locator('button[type=submit]').click()
    expect(await dialog.getByLabel('the secret', { exact: true }).innerText()).to.match(/^whsec_/)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('link', { name: 'on-call' }).click()
    const { pathname } = new URL(page.url())
    const at = `${url}/api/v1/webhooks/${pathname.split('/').at(-1) ?? ''}`
    afterThisTest(() => fetch(at, { method: 'DELETE' }))
    expect(await read(at)).to.include({ name: 'on-call', format: 'standard', enabled: true })
  })

  it('is tested, and says what was answered', async () => {
    const { page, received } = await add('tested')
    await confirm(page, 'Test')
    await page.getByText(/It was taken: answered 200 after \d+ ms/).waitFor()
    expect(received()).to.have.length(1)
  })

  it('is sent again what it refused, one delivery or all', async () => {
    const { at, page, received, deliveries } = await add('retried')
    refuses = true
    for (let release = 1; release <= 3; release++) await publish('retried')
    const dead = await eventually('all is given up', async () => {
      await fetch(`${at}/test`, { method: 'POST' })
      const found = await deliveries('dead')
      return found.length === 3 && found
    })
    refuses = false
    await page.goto(`${page.url()}?state=dead`)
    await page.getByText('was answered 400').first().waitFor()
    await page
      .getByRole('row', { name: /release 2 was published/ })
      .getByRole('button')
      .click()
    await page.getByRole('dialog').locator('button[type=submit]').click()
    await page.getByText('It is being sent again.').waitFor()
    await eventually('it arrives', async () => (await deliveries('delivered')).length === 1)
    expect((await deliveries('delivered'))[0]?.id).to.equal(dead[1]?.id)
    await confirm(page, 'Send all 2 again')
    await page.getByText('They are being sent again.').waitFor()
    await eventually('all arrive', async () => (await deliveries('delivered')).length === 3)
    const arrived = received()
      .filter(({ body }) => !body.includes('webhook.test'))
      .map(({ body }) => (JSON.parse(body) as { data: { release: number } }).data.release)
    expect(arrived.slice(-3)).to.deep.equal([2, 1, 3])
  })

  it('is paused, and resumed: what waited is sent', async () => {
    const { at, page, deliveries } = await add('paused')
    refuses = true
    await publish('paused')
    await eventually('it failed once', async () => (await deliveries('waiting'))[0]?.attempts === 1)
    await confirm(page, 'Pause')
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    expect((await read(at)).enabled).to.equal(false)
    refuses = false
    await confirm(page, 'Resume')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    expect((await read(at)).enabled).to.equal(true)
    await eventually('it arrives', async () => (await deliveries('delivered')).length === 1)
  })

  it('has a new secret that signs beside the one before', async () => {
    const { at, page, received } = await add('renewed')
    await confirm(page, 'New secret')
    const dialog = page.getByRole('dialog')
    const secret = await dialog.getByLabel('the secret', { exact: true }).innerText()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'detached' })
    await fetch(`${at}/test`, { method: 'POST' })
    const [{ body, headers } = expect.fail()] = received()
    expect(String(headers['webhook-signature']).split(' ')).to.have.length(2)
    expect(new Verifier(secret).verify(body, headers as Record<string, string>)).to.be.an('object')
    expect(await read(at)).to.not.have.property('secret')
  })

  it('is deleted', async () => {
    const { at, page } = await add('deleted')
    await confirm(page, 'Delete')
    await page.waitForURL('**/dashboard/webhooks')
    expect((await fetch(at)).status).to.equal(404)
  })

  it('is read no more once it is deleted, though the list takes its time', async () => {
    const { at, page } = await add('left')
    const readings: string[] = []
    await page.route('**/dashboard/webhooks', async (route) => {
      page.on('request', (request) => readings.push(request.url()))
      await setTimeout(2_000)
      await route.continue()
    })
    // A page that comes into view is read again soon.
    await page.evaluate("setInterval(() => document.dispatchEvent(new Event('visibilitychange')), 100)")
    await confirm(page, 'Delete')
    await page.waitForURL('**/dashboard/webhooks')
    expect(readings.filter((url) => url.startsWith(at))).to.deep.equal([])
  })

  it('is read again where its reader stops the way to the list', async () => {
    const { at, page } = await add('stopped')
    await page.clock.install()
    const onTheWay = page.waitForRequest('**/dashboard/webhooks')
    await page.route('**/dashboard/webhooks', (route) => route.abort('aborted'))
    await confirm(page, 'Delete')
    await onTheWay
    await page.route(
      ({ href }) => href.startsWith(at),
      (route) => route.abort(),
    )
    const reading = page.waitForRequest(at, { timeout: 20_000 })
    await page.clock.fastForward(60_000)
    await reading
  })
})
