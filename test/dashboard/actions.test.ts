import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import type { Release } from '../../protocol/release.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { aFleetOn, PRODUCTION, ROLLOUTS, type FleetUnderTest } from '../support/fleet-under-test.ts'
import { aServer } from '../support/server-under-test.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage, type WatchedPageOptions } from '../support/watched-page.ts'

/** A page of a browser, on a server with bots. */
async function onTheFleet(
  browser: Browser,
  bots: number,
  options: WatchedPageOptions = {},
): Promise<FleetUnderTest & { page: Page }> {
  const fleet = await aFleetOn(bots)
  return {
    ...fleet,
    page: await aWatchedPage(browser, { viewport: { width: 1280, height: 900 }, ...options }),
  }
}

/** Presses a button, reads what it will do, and says yes. @returns what the dialog said */
async function confirm(page: Page, button: string): Promise<string> {
  await page.getByRole('button', { name: button, exact: true }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await dialog.getByText('Asking the server').waitFor({ state: 'detached' })
  const said = await dialog.innerText()
  await dialog.locator('button[type=submit]').click()
  await dialog.waitFor({ state: 'detached' })
  return said
}

/** A browser says so of every answer that is no success; the page says what the server said. */
const REFUSED = /responded with a status of 4/

describe('the buttons of the dashboard', function () {
  this.timeout(90_000)
  const browser = onceForSuite(aBrowser)

  it('promote a release in steps, and watch the canary until the rollout is done', async () => {
    const { page, url, untilRollout } = await onTheFleet(browser(), 3)
    await page.goto(`${url}/dashboard/models/shop/releases/2`)
    await page.getByLabel('Pace').selectOption('First 1 bot, then all')
    const said = await confirm(page, 'Promote…')
    expect(said).to.include('3 bots get release 2').and.include('In 2 steps: 1 bot, then 100% (3).')
    await page.goto(url)
    await page.getByRole('heading', { name: 'Under way' }).waitFor()
    await untilRollout('running', 1)
    await page.getByText(/In step 2 of 2/).waitFor()
    await untilRollout('done')
    await page.getByText(/release 2 to shop@production was completed/).waitFor()
    await page.getByText('all 3 bots run it').waitFor()
    expect(await page.getByRole('heading', { name: 'Under way' }).count()).to.equal(0)
  })

  it('watch a canary that no bot can load until it is taken back, and say so', async () => {
    const { page, url, request, bots, digests, untilRollout } = await onTheFleet(browser(), 3)
    for (const bot of bots) bot.unloadable.add(digests[2] ?? '')
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'] } })
    await page.goto(url)
    await untilRollout('reverted')
    await page
      .getByText(/pod-\d could not load release 2/)
      .first()
      .waitFor()
    await page.getByText(/Release 2 of shop was taken back from bots/).waitFor()
    await page.getByText(/The rollout of release 2 to shop@production was taken back/).waitFor()
  })

  it('pause, resume, advance and abort a rollout: the API agrees, and has the reason', async () => {
    const { page, url, request, lastRollout } = await onTheFleet(browser(), 3)
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'], soak: 3600 } })
    await page.goto(url)
    await page.getByRole('button', { name: 'Pause' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.innerText()).to.include('No further bot gets release 2.')
    await dialog.getByLabel('Reason').fill('lunch')
    await dialog.getByText('The same from a terminal').click()
    const commands = await dialog.locator('pre').allInnerTexts()
    const { id } = await lastRollout()
    expect(commands[0]).to.equal(`slipway rollout pause shop@production --rollout ${id} --reason lunch`)
    expect(commands[1]).to.include(`${url}${ROLLOUTS}/`).and.include('"reason":"lunch"')
    await dialog.locator('button[type=submit]').click()
    await page.getByText('Paused in step 1 of 2').waitFor()
    expect(await lastRollout()).to.include({ state: 'paused' })
    expect((await lastRollout()).reason).to.include('lunch')

    await confirm(page, 'Resume')
    await page.getByText(/In step 1 of 2/).waitFor()
    expect((await lastRollout()).state).to.equal('running')

    expect(await confirm(page, 'Advance')).to.include('Step 2 begins at once: 3 bots (100%) get release 2')
    await page.getByText('In step 2 of 2').waitFor()
    expect((await lastRollout()).step).to.equal(1)

    await confirm(page, 'Abort: back to 1')
    const ended = await eventually('it is aborted', async () => {
      const rollout = await lastRollout()
      return ['reverting', 'aborted'].includes(rollout.state) && rollout
    })
    expect(ended.to).to.equal(2)
    expect((await request.get(PRODUCTION)).body.release).to.equal(1)
  })

  it('try a step again once its bots can load the release', async () => {
    const { page, url, request, bots, digests, untilRollout } = await onTheFleet(browser(), 2)
    for (const bot of bots) bot.unloadable.add(digests[2] ?? '')
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'], onFail: 'pause' } })
    await untilRollout('paused')
    await page.goto(url)
    for (const bot of bots) bot.unloadable.clear()
    expect(await confirm(page, 'Retry')).to.include('1 bot that failed is offered it again.')
    await untilRollout('done')
    await page.getByText('all 2 bots run it').waitFor()
  })

  it('change nothing before the reader says so', async () => {
    const { page, url, request, lastRollout } = await onTheFleet(browser(), 1)
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'], soak: 3600 } })
    await page.goto(url)
    await page.getByRole('button', { name: 'Abort: back to 1' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await lastRollout()).state).to.equal('running')
  })

  it('refuse to undo unseen what somebody else has just done, and say so', async function () {
    const { page, url, request, publish } = await onTheFleet(browser(), 1, { tolerates: REFUSED })
    await publish(anArchive())
    await page.goto(`${url}/dashboard/models/shop/releases/2`)
    await page.getByRole('button', { name: 'Promote…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('gets release 2').waitFor()
    await request.put(PRODUCTION).send({ release: 3 })
    await dialog.locator('button[type=submit]').click()
    await dialog.getByText('somebody else changed it since you opened this').waitFor()
    expect((await request.get(PRODUCTION)).body.release).to.equal(3)
  })

  it('roll a tag back', async () => {
    const { page, url, request, untilRollout } = await onTheFleet(browser(), 2)
    await request.put(PRODUCTION).send({ release: 2 })
    await untilRollout('done')
    await page.goto(`${url}/dashboard/models/shop/tags/production`)
    expect(await confirm(page, 'Roll back'))
      .to.include('The tag goes from release 2 back to release 1.')
      .and.include('2 bots get release 1, all at their next polls.')
    await page.getByRole('link', { name: 'release 1' }).waitFor()
    expect((await request.get(PRODUCTION)).body.release).to.equal(1)
  })

  it('roll back to the release that was shown, also where it was taken back while the dialog was open', async () => {
    const { page, url, publish, request, untilRollout } = await onTheFleet(browser(), 2)
    await request.put(PRODUCTION).send({ release: 2 })
    await untilRollout('done')
    const { number: release } = await publish(anArchive())
    await request.put(PRODUCTION).send({ release, policy: { steps: [1, '100%'], soak: 600 } })
    await page.goto(`${url}/dashboard/models/shop/tags/production`)
    await page.getByRole('button', { name: 'Roll back' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('The tag stays at release 2').waitFor()
    await request.post(`${PRODUCTION}/rollback`).send({})
    await untilRollout('aborted')
    await dialog.locator('button[type=submit]').click()
    await dialog.waitFor({ state: 'detached' })
    expect((await request.get(PRODUCTION)).body.release).to.equal(2)
  })

  it('save notes, and delete a release after saying who runs it', async () => {
    const { page, url, request } = await onTheFleet(browser(), 1, { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/models/shop/releases/1`)
    await page.getByText('Edit the notes').click()
    await page.getByLabel('Notes').fill('the first one')
    await confirm(page, 'Save the notes')
    await page.getByText('the first one').first().waitFor()
    expect((await request.get('/api/v1/models/shop/releases/1')).body.notes).to.equal('the first one')

    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 bot runs it: pod-1.').waitFor()
    await dialog.getByText('production points at it: the server will refuse.').waitFor()
    await dialog.locator('button[type=submit]').click()
    await dialog.getByRole('alert').waitFor()
    expect((await request.get('/api/v1/models/shop/releases/1')).status).to.equal(200)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  it('publish an archive that is dropped, and say which release it became', async () => {
    const { url, request } = await aServer()
    const page = await aWatchedPage(browser())
    await page.goto(`${url}/dashboard/publish`)
    await page.getByLabel('Model').fill('shop')
    await page.getByLabel('Promote to tag').fill('production')
    await page.getByLabel('Notes').fill('by hand & with care')
    const data = [...anArchive()]
    // As text: the browser's own words are not known to the types here.
    const transfer = await page.evaluateHandle(
      `(() => { const transfer = new DataTransfer(); transfer.items.add(new File([new Uint8Array(${JSON.stringify(data)})], 'dropped.tar.gz')); return transfer })()`,
    )
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer })
    await page.getByText('dropped.tar.gz').waitFor()
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText('Published as release 1 of shop').waitFor()
    const { body } = await request.get('/api/v1/models/shop/releases/1')
    expect((body as Release).notes).to.equal('by hand & with care')
    expect((body as Release).filename).to.equal('dropped.tar.gz')
    expect((await request.get(PRODUCTION)).body.release).to.equal(1)
  })

  it('say why an archive was not published', async () => {
    const { url } = await aServer()
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/publish`)
    await page.locator('input[type=file]').setInputFiles({
      name: 'broken.tar.gz',
      mimeType: 'application/gzip',
      buffer: Buffer.from('no archive'),
    })
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    expect(await page.getByRole('alert').innerText()).to.include('Not published: ')
  })
})
