import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import path from 'node:path'
import { expect } from 'chai'
import type { BrowserContext, Page } from 'playwright-core'
import { aBrowser } from '../support/browser.ts'
import { listenOnLoopback } from '../support/listen-on-loopback.ts'
import { selfSigned } from '../support/self-signed.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { afterThisTest, onceForSuite, temporaryDirectory } from '../support/temporary-directory.ts'

const TOKEN = 'publish-secret'
const COOKIE = '__Host-slipway-token'

interface Setting extends ServerUnderTest {
  /** A browser in which somebody is signed in, over TLS. */
  context: BrowserContext
  /** `https://models.app.localhost:{port}` */
  own: string
  /** Pages of somebody else's: of a neighbouring host, which is of the same site, and of another site. */
  foreign: { neighbour: string; stranger: string }
}

/** A server over TLS whose reader is signed in, and somebody else's server that the reader visits. */
async function aVisit(testContext: Mocha.Context): Promise<Setting> {
  const browser = await aBrowser(testContext)
  const pair = await selfSigned('models.app.localhost')
  const folder = await temporaryDirectory()
  const files = {
    SLIPWAY_TLS_CERT: path.join(folder, 'cert.pem'),
    SLIPWAY_TLS_KEY: path.join(folder, 'key.pem'),
  }
  await writeFile(files.SLIPWAY_TLS_CERT, pair.cert)
  await writeFile(files.SLIPWAY_TLS_KEY, pair.key)
  const server = await aServer({ publishToken: TOKEN, pullToken: 'pull-secret', env: files })
  const others = createServer(pair, (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Elsewhere</title>')
  })
  const port = await listenOnLoopback(others)
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  context.setDefaultTimeout(60_000)
  return {
    ...server,
    context,
    own: `https://models.app.localhost:${server.port}`,
    foreign: {
      neighbour: `https://evil.app.localhost:${port}/`,
      stranger: `https://evil.localhost:${port}/`,
    },
  }
}

describe('who visits a page of somebody else’s while signed in', function () {
  this.timeout(300_000)
  const setting = onceForSuite(aVisit)

  async function open(address: string): Promise<Page> {
    const page = await setting().context.newPage()
    afterThisTest(() => page.close())
    await page.goto(address)
    return page
  }

  async function signIn(): Promise<Page> {
    const page = await open(`${setting().own}/dashboard/tokens`)
    await page.getByLabel('Token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    return page
  }

  const tokens = async (): Promise<{ name: string; value: string }[]> =>
    (await setting().context.cookies(setting().own))
      .filter(({ name }) => name.endsWith('slipway-token'))
      .map(({ name, value }) => ({ name, value }))

  /** The verification of archives that somebody began last; null: nobody did. */
  async function verification(): Promise<unknown> {
    const { own } = setting()
    const page = await open(`${own}/dashboard/tokens`)
    const body = await page.evaluate(`fetch('${own}/api/v1/verification').then((answer) => answer.json())`)
    return (body as { run: unknown }).run
  }

  beforeEach(async () => {
    await setting().context.clearCookies()
  })

  /** Has a page send a form to our server, as any page can. @returns the status of the answer */
  async function sendForm(page: Page, action: string, fields: Record<string, string>): Promise<number> {
    const answered = page.waitForResponse((response) => response.url() === action)
    // As text: the browser's own words are not known to the types here.
    await page.evaluate(`{
      const form = Object.assign(document.createElement('form'), { method: 'post', action: ${JSON.stringify(action)} })
      for (const [name, value] of Object.entries(${JSON.stringify(fields)}))
        form.append(Object.assign(document.createElement('input'), { name, value }))
      document.body.append(form)
      form.submit()
    }`)
    return (await answered).status()
  }

  /** Has a page ask our server as a script can, with what the browser has for it. @returns what the script learns */
  async function ask(page: Page, address: string, init: object): Promise<unknown> {
    const options = JSON.stringify({ credentials: 'include', ...init })
    return page.evaluate(
      `fetch(${JSON.stringify(address)}, ${options}).then((answer) => answer.text(), (error) => error.name)`,
    )
  }

  for (const who of ['neighbour', 'stranger'] as const) {
    it(`has nothing done by its forms: of a ${who}`, async () => {
      const { own, foreign } = setting()
      await signIn()
      const before = await tokens()
      expect(before).to.deep.equal([{ name: COOKIE, value: TOKEN }])
      for (const [where, fields] of [
        ['api/v1/verification', {}],
        ['dashboard/sign-in', { token: 'pull-secret' }],
        ['dashboard/sign-out', {}],
      ] as const) {
        const page = await open(foreign[who])
        // A stranger's request comes without the cookie: it is nobody's.
        expect(await sendForm(page, `${own}/${where}`, fields), where).to.be.oneOf([401, 403])
      }
      expect(await tokens()).to.deep.equal(before)
      expect(await verification()).to.equal(null)
    })

    it(`has nothing read or done by its scripts: of a ${who}`, async () => {
      const { own, foreign } = setting()
      await signIn()
      const page = await open(foreign[who])
      expect(await ask(page, `${own}/api/v1/tokens`, {})).to.equal('TypeError')
      expect(await ask(page, `${own}/api/v1/events`, {})).to.equal('TypeError')
      const simple = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: '{"keepReleases":1}' }
      expect(await ask(page, `${own}/api/v1/verification`, simple)).to.equal('TypeError')
      const blind = { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: '{}' }
      // It may send without reading; what it sends is refused.
      expect(await ask(page, `${own}/api/v1/verification`, blind)).to.equal('')
      expect(await verification()).to.equal(null)
    })

    it(`sees none of our pages in a frame of theirs: of a ${who}`, async () => {
      const { own, foreign } = setting()
      await signIn()
      const page = await open(foreign[who])
      await page.evaluate(
        `new Promise((resolve) => {
          const frame = Object.assign(document.createElement('iframe'), { src: ${JSON.stringify(`${own}/`)}, onload: resolve })
          document.body.append(frame)
        })`,
      )
      const frame = page.frames().find((each) => each.parentFrame() !== null)
      expect(await frame?.locator('text=Slipway').count()).to.equal(0)
    })
  }

  it('works under no name that a neighbour has set', async () => {
    const { own, foreign } = setting()
    const page = await open(foreign.neighbour)
    await page.evaluate(`{
      document.cookie = 'slipway-token=${TOKEN}; Domain=app.localhost; Path=/'
      document.cookie = '${COOKIE}=${TOKEN}; Domain=app.localhost; Path=/; Secure'
    }`)
    expect(await tokens()).to.deep.equal([{ name: 'slipway-token', value: TOKEN }])
    await page.goto(`${own}/dashboard/tokens`)
    expect(await page.getByLabel('Token').isVisible()).to.equal(true)
  })
})
