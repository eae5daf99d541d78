import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterThisTest } from './temporary-directory.ts'

/** What a page may say without its test failing. */
export interface WatchedPageOptions extends BrowserContextOptions {
  /** What is right to be complained of: a server that is away. */
  tolerates?: Pick<RegExp, 'test'>
}

/** A page of which every error fails the test: of scripts, of the content security policy, of what it could not load. */
export async function aWatchedPage(
  browser: Browser,
  { tolerates, ...options }: WatchedPageOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options)
  // The next test may have the same browser.
  afterThisTest(() => context.close())
  // A machine with two cores that runs other tests meanwhile takes its time.
  context.setDefaultTimeout(60_000)
  return watched(await context.newPage(), tolerates)
}

/** Another tab beside a page. */
export async function anotherTab(page: Page, tolerates?: RegExp): Promise<Page> {
  return watched(await page.context().newPage(), tolerates)
}

function watched(page: Page, tolerates: Pick<RegExp, 'test'> | undefined): Page {
  const complaints: string[] = []
  const complain = (text: string): void => {
    if (tolerates?.test(text) !== true) complaints.push(`${page.url()}: ${text}`)
  }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complain(message.text())
  })
  page.on('pageerror', ({ message, stack }) => {
    complain(stack ?? message)
  })
  afterThisTest(() => {
    expect(complaints).to.deep.equal([])
  })
  return page
}
