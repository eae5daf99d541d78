import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { aServer } from '../support/server-under-test.ts'
import { aWatchedPage } from '../support/watched-page.ts'

describe('what a reader types', function () {
  this.timeout(300_000)

  it('stays while the page is drawn anew', async function () {
    const browser = await aBrowser(this)
    const { url, publish } = await aServer()
    await publish(anArchive())
    const page = await aWatchedPage(browser, { tolerates: /ERR_/ })
    await page.goto(`${url}/dashboard/models/shop`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByLabel('Compare release').fill('17')
    await publish(anArchive())
    await page.getByRole('heading', { name: 'Releases 2' }).waitFor()
    expect(await page.getByLabel('Compare release').inputValue()).to.equal('17')
    // What nobody touched follows what the server says.
    expect(await page.getByLabel('with', { exact: true }).inputValue()).to.equal('2')

    await page.goto(`${url}/dashboard/bots`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByLabel('Tag', { exact: true }).fill('stag')
    await new PollingBot(`${url}/models/shop@latest`, 'pod-1').poll()
    await page.getByRole('link', { name: 'pod-1' }).waitFor()
    expect(await page.getByLabel('Tag', { exact: true }).inputValue()).to.equal('stag')
  })

  it('stays while somebody else changes the same, and what nobody touched follows', async function () {
    const browser = await aBrowser(this)
    const { url, request, publish } = await aServer()
    await publish(anArchive())
    const page = await aWatchedPage(browser, { tolerates: /ERR_/ })
    await page.goto(`${url}/dashboard/models/shop/releases/1`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByText('Edit the notes').click()
    const notes = page.getByLabel('Notes')
    const change = (path: string, body: object): unknown =>
      request.patch(`/api/v1/models/shop${path}`).send(body)
    await change('/releases/1', { notes: 'from CI' })
    await page.locator('.facts .notes', { hasText: 'from CI' }).waitFor()
    expect(await notes.inputValue()).to.equal('from CI')
    await notes.fill('for the fair')
    await change('/releases/1', { notes: 'from CI again' })
    await page.locator('.facts .notes', { hasText: 'from CI again' }).waitFor()
    expect(await notes.inputValue()).to.equal('for the fair')

    await page.goto(`${url}/dashboard/models/shop`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByText('Edit the settings').click()
    await page.getByLabel('Releases at most').fill('70')
    await change('', { quota: { releases: 50, bytes: 1024 ** 3 } })
    await page.getByText('it has 1 of 50 releases').waitFor()
    expect(await page.getByLabel('Releases at most').inputValue()).to.equal('70')
    expect(await page.getByLabel('Bytes at most').inputValue()).to.equal('1G')
  })
})
