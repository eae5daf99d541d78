import { expect } from 'chai'
import type { Page, Route } from 'playwright-core'
import { aBrowser } from '../support/browser.ts'
import { aFleetOn, PRODUCTION, type FleetUnderTest } from '../support/fleet-under-test.ts'
import { aServer } from '../support/server-under-test.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

const REFUSED = /responded with a status of 4|ERR_/

/** Holds a request until it is let go. */
function held(): { hold: (route: Route) => Promise<void>; letGo: () => void } {
  let letGo = (): void => undefined
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve
  })
  return {
    async hold(route) {
      await isFree
      await route.continue()
    },
    letGo: () => {
      letGo()
    },
  }
}

describe('a dialog of the dashboard', function () {
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)

  async function open(url: string): Promise<Page> {
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(url)
    await page.getByText('Live', { exact: true }).waitFor()
    return page
  }

  async function rollingOut(): Promise<FleetUnderTest> {
    const fleet = await aFleetOn(2)
    await fleet.request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'] } })
    await fleet.untilRollout('running')
    return fleet
  }

  /** Has the dialog of a new token be there. */
  async function makingToken(url: string): Promise<Page> {
    const page = await open(`${url}/dashboard/tokens`)
    await page.getByLabel('Name').fill('ci')
    await page.getByLabel('Allows').fill('admin')
    await page.getByRole('button', { name: 'Make a token…' }).click()
    await page.getByRole('dialog').waitFor()
    return page
  }

  /** Presses a button of a dialog in the very moment in which it is there, however busy the machine is. @returns whether it was disabled */
  function pressedWhenThere(page: Page, label: string): Promise<unknown> {
    return page.evaluate(`new Promise((resolve) => {
      const watch = new MutationObserver(() => {
        const buttons = [...document.querySelectorAll('dialog[open] button')]
        const button = buttons.find(({ textContent }) => textContent === ${JSON.stringify(label)})
        if (button === undefined) return
        watch.disconnect()
        button.click()
        resolve(button.disabled)
      })
      watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
    })`)
  }

  it('is not confirmed by the press that opens it, held down or repeated', async () => {
    const { url, lastRollout } = await rollingOut()
    const page = await open(url)
    const sent: string[] = []
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
    const pressed = pressedWhenThere(page, 'Pause')
    await page.getByRole('button', { name: 'Pause' }).first().click()
    expect(await pressed).to.equal(true)
    const confirm = page.getByRole('dialog').locator('button[type=submit]:enabled')
    await confirm.waitFor()
    expect(sent.filter((path) => path.endsWith('/pause'))).to.deep.equal([])
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(sent.filter((path) => path.endsWith('/pause'))).to.have.length(1)
    expect((await lastRollout()).state).to.equal('paused')

    await page.getByRole('button', { name: 'Resume' }).first().focus()
    await page.keyboard.down('Enter')
    await confirm.waitFor()
    for (let time = 0; time < 3; time++) await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
    expect(sent.filter((path) => path.endsWith('/resume'))).to.deep.equal([])
    expect(await page.getByRole('dialog').isVisible()).to.equal(true)
  })

  it('takes the second of two presses for no insistence, where the first is refused', async () => {
    const { url, request } = await aFleetOn(1)
    const page = await open(`${url}/dashboard/models/shop`)
    const sent: string[] = []
    page.on('request', (each) => each.method() === 'DELETE' && sent.push(each.url()))
    await page.getByText('Edit the settings').click()
    await page.getByRole('button', { name: 'Delete the model' }).click()
    const confirm = page.getByRole('dialog').locator('button[type=submit]:enabled')
    await confirm.waitFor()
    const isDisabled = pressedWhenThere(page, 'Delete it all the same')
    await confirm.click()
    expect(await isDisabled).to.equal(true)
    await confirm.waitFor()
    expect(sent).to.have.length(1)
    expect((await request.get('/api/v1/models/shop')).status).to.equal(200)
  })

  it('closes by no second press of the button that made a secret', async () => {
    const { url } = await aServer()
    const page = await makingToken(url)
    const dialog = page.getByRole('dialog')
    const isDisabled = pressedWhenThere(page, 'Close')
    await dialog.locator('button[type=submit]').click()
    expect(await isDisabled).to.equal(true)
    await dialog.getByLabel('the secret', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  it('shows a secret though the page behind it cannot be read meanwhile', async () => {
    const { url } = await aServer()
    const page = await makingToken(url)
    const { hold, letGo } = held()
    await page.route('**/api/v1/tokens?*', hold)
    await page.getByRole('dialog').locator('button[type=submit]').click()
    await page.getByRole('dialog').getByLabel('the secret', { exact: true }).waitFor()
    letGo()
  })

  it('stays until it was answered: a secret would be lost, and a refusal not be read', async () => {
    const { url } = await aServer()
    const page = await makingToken(url)
    const dialog = page.getByRole('dialog')
    const { hold, letGo } = held()
    await page.route('**/api/v1/tokens', hold)
    await dialog.locator('button[type=submit]').click()
    // A browser lets a page refuse the first of two only.
    for (let time = 0; time < 3; time++) await page.keyboard.press('Escape')
    expect(await dialog.getByRole('button', { name: 'Cancel' }).isDisabled()).to.equal(true)
    letGo()
    await dialog.getByLabel('the secret', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  it('says of what was not answered that it may be done all the same', async () => {
    const { url } = await rollingOut()
    const page = await open(url)
    await page.route('**/pause', (route) => route.abort())
    await page.getByRole('button', { name: 'Pause' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('button[type=submit]').click()
    await dialog.getByRole('alert').getByText('It may have been done all the same').waitFor()
  })

  it('asks again what the server would do, where it was away', async () => {
    const { url } = await aFleetOn(1)
    const page = await open(`${url}/dashboard/models/shop/releases/2`)
    await page.route('**/preview', (route) => route.abort())
    await page.route('**/tags/latest', (route) => route.abort())
    await page.route('**/tags/production', (route) => route.abort())
    await page.getByLabel('Tag', { exact: true }).fill('production')
    await page.getByRole('button', { name: 'Promote…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('alert').waitFor()
    await page.unrouteAll()
    await dialog.getByRole('button', { name: 'Ask again' }).click()
    await dialog.getByText(/1 bot gets release 2/).waitFor()
    expect(await dialog.getByRole('alert').count()).to.equal(0)
    await dialog.locator('button[type=submit]').click()
    await page.getByText('Release 2 is on its way to shop@production.').waitFor()
  })

  it('says where to sign in again when that has ended, and goes on from there', async () => {
    const { url } = await aServer({ publishToken: 'publish-secret', pullToken: 'pull-secret' })
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/tokens`)
    await page.getByLabel('Token').fill('publish-secret')
    await page.keyboard.press('Enter')
    await page.getByLabel('Name').fill('ci')
    await page.getByLabel('Allows').fill('admin')
    await page.getByRole('button', { name: 'Make a token…' }).click()
    const dialog = page.getByRole('dialog')
    await page.context().clearCookies()
    await dialog.locator('button[type=submit]').click()
    await dialog.getByRole('alert').getByText('Nothing was done').waitFor()
    const [tab] = await Promise.all([
      page.context().waitForEvent('page'),
      dialog.getByRole('link', { name: 'Sign in again' }).click(),
    ])
    await tab.getByLabel('Token').fill('publish-secret')
    await tab.keyboard.press('Enter')
    await tab.getByRole('heading', { name: 'Tokens' }).waitFor()
    await tab.close()
    await dialog.locator('button[type=submit]').click()
    await dialog.getByLabel('the secret', { exact: true }).waitFor()
  })

  it('opens once for a form that is sent twice', async () => {
    const { url } = await aFleetOn(1)
    const page = await open(`${url}/dashboard/models/shop/tags/production`)
    await page.getByText('Edit the policy').click()
    await page.getByRole('button', { name: 'One at a time' }).click()
    const { hold, letGo } = held()
    const answers: string[] = []
    page.on('response', (response) => response.url().endsWith('/preview') && answers.push(response.url()))
    await page.route('**/preview', hold)
    const steps = page.getByLabel('Steps')
    await steps.press('Enter')
    await steps.press('Enter')
    letGo()
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(answers).to.have.length(1)
  })
})
