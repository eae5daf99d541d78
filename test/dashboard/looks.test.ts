import { AxeBuilder } from '@axe-core/playwright'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { aFleetOn, PRODUCTION, type FleetUnderTest } from '../support/fleet-under-test.ts'
import { onlyInLongForm } from '../support/long-form.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

const PATHS = [
  '',
  'dashboard/models',
  'dashboard/models/shop',
  'dashboard/models/shop/releases/2',
  'dashboard/models/shop/tags/production',
  'dashboard/models/shop/compare?from=1&to=2',
  'dashboard/bots',
  'dashboard/models/shop/bots/pod-1',
  'dashboard/rollouts',
  'dashboard/webhooks',
  'dashboard/webhooks/1',
  'dashboard/exports',
  'dashboard/publish',
  'dashboard/tokens',
  'dashboard/audit',
  'dashboard/models/shop/timeline',
]

/** A server on which everything that pages show is there: bots that fail, a rollout that stands still. */
async function inTrouble(
  context: Mocha.Context,
): Promise<FleetUnderTest & { browser: Browser; paths: string[] }> {
  const browser = await aBrowser(context)
  const fleet = await aFleetOn(3, { env: { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' } })
  for (const bot of fleet.bots) bot.unloadable.add(fleet.digests[2] ?? '')
  await fleet.request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'], onFail: 'pause' } })
  const { id } = await fleet.untilRollout('paused')
  const webhook = { url: 'http://127.0.0.1:9/hook', name: 'on-call channel', format: 'slack' }
  expect((await fleet.request.post('/api/v1/webhooks').send(webhook)).status).to.equal(201)
  await fleet.publish(anArchive())
  return { ...fleet, browser, paths: [...PATHS, `dashboard/models/shop/rollouts/${id}`] }
}

describe('the pages of the dashboard', function () {
  // Axe looks at each of seventeen pages for some seconds, and for several times that where other tests run meanwhile.
  this.timeout(900_000)
  const trouble = onceForSuite(inTrouble)

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`have no fault that axe knows, ${colorScheme}`, async function () {
      if (colorScheme === 'dark') onlyInLongForm(this, 'the same pages by light')
      const { browser, url, paths } = trouble()
      const page = await aWatchedPage(browser, { colorScheme, tolerates: /ERR_/ })
      const faults: string[] = []
      for (const path of paths) {
        await page.goto(`${url}/${path}`)
        await page.getByText('Live', { exact: true }).waitFor()
        const { violations } = await new AxeBuilder({ page }).analyze()
        faults.push(...violations.map(({ id, nodes }) => `${path}: ${id}: ${nodes[0]?.html ?? ''}`))
      }
      expect(faults).to.deep.equal([])
      await page.goto(url)
      await page.getByRole('button', { name: 'Resume' }).first().click()
      const { violations } = await new AxeBuilder({ page }).include('dialog').analyze()
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
        'dialog',
      ).to.deep.equal([])
    })
  }

  for (const width of [360, 1280, 3840]) {
    it(`fit a screen of ${width} pixels`, async function () {
      if (width !== 360) onlyInLongForm(this, 'the narrowest screen')
      const { browser, url, paths } = trouble()
      const page = await aWatchedPage(browser, { viewport: { width, height: 800 }, tolerates: /ERR_/ })
      for (const path of paths) {
        await page.goto(`${url}/${path}`)
        // As text: the browser's own words are not known to the types here.
        const fits = await page.evaluate('document.documentElement.scrollWidth <= innerWidth')
        expect(fits, `${path} is wider than the screen`).to.equal(true)
      }
    })
  }

  it('are used by keyboard alone: from the skip link to a button, its dialog, and back', async () => {
    const { browser, url } = trouble()
    const page = await aWatchedPage(browser, { tolerates: /ERR_/ })
    await page.goto(url)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').innerText()).to.equal('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    const first = await page.locator(':focus').innerText()
    expect(first).to.not.equal('Overview')
    const resume = page.getByRole('button', { name: 'Resume' }).first()
    await resume.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.locator(':focus').innerText()).to.equal('Resume')
  })
})
