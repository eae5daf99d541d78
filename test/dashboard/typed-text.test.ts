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
})
