import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { aReceiver } from '../support/a-receiver.ts'
import { aBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/start-server.ts'
import { aWatchedPage } from '../support/watched-page.ts'

describe('the webhooks of the dashboard', function () {
  this.timeout(300_000)

  it('are added, tested, sent what they refused once more, paused and deleted', async function () {
    const browser = await aBrowser(this)
    const server = await startServer({ env: { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' } })
    // It takes tests alone: each has what waits tried again at once, and after three times that is given up.
    let refuses = true
    const receiver = await aReceiver((_request, response, { body }) => {
      response.writeHead(refuses && !body.includes('webhook.test') ? 400 : 200).end()
    })
    const page = await aWatchedPage(browser, { tolerates: /ERR_/ })
    await page.goto(`${server.url}/dashboard/webhooks`)
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

    await page.getByRole('button', { name: 'Test' }).click()
    await dialog.locator('button[type=submit]').click()
    await page.getByText(/It was taken: answered 200 after \d+ ms/).waitFor()

    await fetch(`${server.url}/models/shop`, { method: 'POST', body: Buffer.from(anArchive()) })
    const webhook = `${server.url}/api/v1/webhooks/1`
    await eventually(
      'it is given up',
      async () => {
        await fetch(`${webhook}/test`, { method: 'POST' })
        const answer = await fetch(`${webhook}/deliveries?state=dead`)
        return ((await answer.json()) as { items: unknown[] }).items.length > 0
      },
      60_000,
    )
    refuses = false
    await page.goto(`${server.url}/dashboard/webhooks/1?state=dead`)
    await page.getByText('was answered 400').first().waitFor()
    await page.getByRole('button', { name: 'Send again' }).first().click()
    await dialog.locator('button[type=submit]').click()
    await page.getByText('It is being sent again.').waitFor()
    await eventually(
      'it arrives',
      async () => {
        const answer = await fetch(`${webhook}/deliveries?state=delivered`)
        return ((await answer.json()) as { items: unknown[] }).items.length > 0
      },
      60_000,
    )

    await page.getByRole('button', { name: 'Pause' }).click()
    await dialog.locator('button[type=submit]').click()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    expect(((await (await fetch(webhook)).json()) as { enabled: boolean }).enabled).to.equal(false)

    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog.locator('button[type=submit]').click()
    await page.getByText('Nobody is told what happens').waitFor()
  })
})
