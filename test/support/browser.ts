import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { skipTest } from './skip-test.ts'
import { afterThisTest } from './temporary-directory.ts'

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Starts Chromium for the current test, or for a suite by `onceForSuite(aBrowser)`, as its start takes a second of the processors. Where
 * there is none, the test is skipped, but fails where CI=true.
 *
 * @param options `keepsPages`: pages that one has left are kept as they were for the back button, as in browsers of people.
 */
export async function aBrowser(
  context: Mocha.Context,
  { keepsPages = false }: { keepsPages?: boolean } = {},
): Promise<Browser> {
  const executablePath = PROGRAMS.find((program) => existsSync(program))
  if (executablePath === undefined) {
    const reason = 'Chromium is not installed: run scripts/services'
    if (process.env['CI'] === 'true') throw new Error(reason)
    return skipTest(context, reason)
  }
  const browser = await chromium.launch({
    executablePath,
    ...(keepsPages ? { ignoreDefaultArgs: ['--disable-back-forward-cache'] } : {}),
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  afterThisTest(() => browser.close())
  return browser
}
