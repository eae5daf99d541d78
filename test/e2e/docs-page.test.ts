import { AxeBuilder } from '@axe-core/playwright'
import { expect } from 'chai'
import { aBrowser } from '../support/browser.ts'
import { aServer } from '../support/server-under-test.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

describe('the page of the API, in a browser', function () {
  // Axe takes a minute where other tests run meanwhile.
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)

  it('has no fault that axe knows', async () => {
    const { url } = await aServer()
    const page = await aWatchedPage(browser())
    for (const path of ['/docs', '/']) {
      await page.goto(url + path)
      // Contrast takes axe longest by far, and every operation looks alike: see the next test.
      const { violations } = await new AxeBuilder({ page }).disableRules('color-contrast').analyze()
      expect(namesOf(violations), path).to.deep.equal([])
    }
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has contrast enough to be read, ${colorScheme}`, async () => {
      const { url } = await aServer()
      const page = await aWatchedPage(browser(), { colorScheme })
      await page.goto(`${url}/docs`)
      const { violations, passes } = await new AxeBuilder({ page })
        .withRules('color-contrast')
        .include('.menu')
        .include('#publishModel')
        .include('#deleteTag')
        .include('#schema-Tag')
        .analyze()
      expect(namesOf(violations)).to.deep.equal([])
      expect(passes).to.have.length(1)
    })
  }

  it('obeys its own policy, and fits a phone', async () => {
    const { url } = await aServer()
    const page = await aWatchedPage(browser(), { viewport: { width: 360, height: 740 } })
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', ({ message }) => complaints.push(message))
    await page.goto(`${url}/docs#promoteRelease`)
    expect(complaints).to.deep.equal([])
    // As text: the browser's own words are not known to the types here.
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360)
    expect(await page.locator('#promoteRelease').isVisible()).to.equal(true)
    expect(await page.evaluate('getComputedStyle(document.body).marginTop')).to.equal('0px')
  })

  it('has its contents at hand: folded on a phone, open beside the text on a desktop', async () => {
    const { url } = await aServer()
    const page = await aWatchedPage(browser(), { viewport: { width: 360, height: 740 } })
    await page.goto(`${url}/docs`)
    const link = page.getByRole('link', { name: 'Publish an archive as a new release' })
    expect(await link.isVisible()).to.equal(false)
    await page.locator('.menu summary').click()
    expect(await link.isVisible()).to.equal(true)
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.reload()
    await link.click()
    expect(new URL(page.url()).hash).to.equal('#publishModel')
  })
})

function namesOf(violations: { id: string; nodes: { html: string }[] }[]): string[] {
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
}
