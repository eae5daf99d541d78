import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

/** A page that the server has drawn and whose script has not come yet; `wake` lets it come. */
interface SleepingPage {
  page: Page
  wake: () => Promise<void>
}

describe('a page whose script is still on its way', function () {
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)

  async function asleep({ url }: ServerUnderTest, path: string): Promise<SleepingPage> {
    const page = await aWatchedPage(browser(), { tolerates: /ERR_|status of 404/ })
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/dashboard/assets/*.js', async (route) => {
      await released
      await route.continue()
    })
    // The event `load` waits for the script.
    await page.goto(`${url}/dashboard/${path}`, { waitUntil: 'commit' })
    return {
      page,
      async wake() {
        release()
        await page.getByText('Live', { exact: true }).waitFor()
      },
    }
  }

  async function aModel(): Promise<ServerUnderTest> {
    const server = await aServer()
    await server.publish(anArchive(), { query: 'tag=production' })
    return server
  }

  it('keeps what is typed and chosen, and says it in the dialog', async () => {
    const { page, wake } = await asleep(await aServer(), 'tokens')
    await page.getByLabel('Name').fill('ci')
    await page.getByLabel('Allows').fill('publish:shop')
    await page.getByLabel('Good for').selectOption('30 days')
    await wake()
    await page.getByRole('button', { name: 'Make a token…' }).click()
    const said = await page.getByRole('dialog').innerText()
    expect(said).to.include('Make the token ci').and.include('It allows publish:shop, for 30 days.')
  })

  it('keeps the boxes that are ticked', async () => {
    const { page, wake } = await asleep(await aServer(), 'webhooks')
    await page.getByLabel('Address').fill('https://receiver.example.com/hook')
    const boxes = page.getByRole('checkbox')
    await boxes.first().waitFor()
    const first = boxes.first()
    const wasTicked = await first.isChecked()
    await first.setChecked(!wasTicked)
    await wake()
    // Ticking another one draws all of them anew.
    await boxes.nth(1).click()
    expect(await first.isChecked()).to.equal(!wasTicked)
  })

  it('keeps several lines of text', async () => {
    const server = await aModel()
    const { page, wake } = await asleep(server, 'models/shop/releases/1')
    await page.getByText('Edit the notes').click()
    await page.getByLabel('Notes').fill('for the fair\nand after it')
    await wake()
    expect(await page.getByLabel('Notes').inputValue()).to.equal('for the fair\nand after it')
    await page.getByRole('button', { name: 'Save the notes' }).click()
    await page.getByRole('dialog').locator('button[type=submit]').click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const { body } = await server.request.get('/api/v1/models/shop/releases/1')
    expect(body.notes).to.equal('for the fair\nand after it')
  })

  it('keeps the archive that was chosen', async () => {
    const { page, wake } = await asleep(await aServer(), 'publish')
    const file = { name: 'chosen.tar.gz', mimeType: 'application/gzip', buffer: Buffer.from(anArchive()) }
    await page.locator('input[type=file]').setInputFiles(file)
    await wake()
    await page.getByText('chosen.tar.gz').waitFor()
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText('Published as').waitFor()
  })

  it('keeps the moment that was chosen', async () => {
    const { page, wake } = await asleep(await aModel(), 'models/shop/timeline')
    await page.getByLabel('What ran at').fill('2026-01-02T03:04')
    await wake()
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL(/at=2026-01-0/)
  })

  it('presses no button that would do nothing, and sends no form that would be lost', async () => {
    const { page, wake } = await asleep(await aModel(), 'models/shop/releases/1')
    const promote = page.getByRole('button', { name: 'Promote…' })
    await promote.waitFor()
    const enabled = await page.locator('button:enabled').allInnerTexts()
    expect(enabled).to.deep.equal([])
    await page.getByLabel('Tag', { exact: true }).fill('staging')
    await page.keyboard.press('Enter')
    await wake()
    expect(await page.getByLabel('Tag', { exact: true }).inputValue()).to.equal('staging')
    await promote.click()
    await page.getByRole('dialog').getByText('Promote release 1 to shop@staging').waitFor()
  })
})
