import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { signDigest } from '../../client/signing/sign-digest.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { aFleetOn, PRODUCTION } from '../support/fleet-under-test.ts'
import { aKeyPair } from '../support/key-pairs.ts'
import { FORM_TYPE, formOf } from '../support/multipart.ts'
import { digestOf } from '../support/serve-archive.ts'
import { aServer } from '../support/server-under-test.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

/** A browser says so of every answer that is no success; the page says what the server said. */
const REFUSED = /responded with a status of 4/

/** Says yes in the dialog that is open. @returns what it said */
async function sayYes(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await dialog.getByText('The same from a terminal').click()
  const said = await dialog.innerText()
  await dialog.locator('button[type=submit]').click()
  return said
}

describe('the settings of tags and models, in the dashboard', function () {
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)

  it('change a policy: what it means is said, a field that is wrong is named, and the API agrees', async () => {
    const { url, request } = await aFleetOn(2)
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/models/shop/tags/production`)
    await page.getByText('Edit the policy').click()
    const save = page.getByRole('button', { name: 'Save the policy…' })
    expect(await save.isDisabled()).to.equal(true)
    await page.getByRole('button', { name: '1 bot, 25 %, all; 10 minutes between' }).click()
    await page.getByText('It means: In 3 steps: 1 bot, then 25%, then 100%.').waitFor()
    await page.getByLabel('Steps').fill('5, 1, 100%')
    await save.click()
    await page.getByText(/step 2 is 1, after 5/).waitFor()
    expect(await page.getByLabel('Steps').getAttribute('aria-invalid')).to.equal('true')
    await page.getByLabel('Steps').fill('1, 100%')
    await save.click()
    const said = await sayYes(page)
    expect(said)
      .to.include('With the bots that poll it now: 1 bot, then 100% (2).')
      .and.include('slipway policy shop@production --steps 1,100% --soak 600')
      .and.match(/If-Match: "/)
    await page.getByText('The policy of shop@production is saved.').waitFor()
    const { body } = await request.get(PRODUCTION)
    expect(body.policy)
      .to.include({ soak: 600 })
      .and.deep.include({ steps: [1, '100%'] })
  })

  it('change no policy that somebody else has changed meanwhile', async function () {
    const { url, request } = await aFleetOn(1)
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/models/shop/tags/production`)
    await page.getByText('Edit the policy').click()
    await page.getByLabel('Soak').fill('60')
    await request.patch(PRODUCTION).send({ policy: { soak: 30 } })
    await page.getByRole('button', { name: 'Save the policy…' }).click()
    await sayYes(page)
    await page.getByText('somebody else changed it since you opened this').waitFor()
    expect((await request.get(PRODUCTION)).body.policy.soak).to.equal(30)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Take over what it is now' }).click()
    expect(await page.getByLabel('Soak').inputValue()).to.equal('30')
  })

  it('choose the default tag, require signatures by a key, and limit how much a model may have', async function () {
    const { url, request, publish } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/models/shop`)
    await page.getByText('Edit the settings').click()
    await page.getByLabel('Polls without a tag mean').selectOption('production')
    await page.getByRole('button', { name: 'Change the default tag…' }).click()
    expect(await sayYes(page)).to.include('slipway default-tag shop production')
    await page.getByText('Polls of shop without a tag mean production now.').waitFor()
    const { publicPem } = aKeyPair()
    await page.getByRole('textbox', { name: 'Public key' }).fill(publicPem)
    await page.getByRole('button', { name: 'Require it…' }).click()
    expect(await sayYes(page)).to.include('Every archive needs a signature of this signer')
    await page.getByText('What archives of shop need is saved.').waitFor()
    await page.getByLabel('Releases at most').fill('50')
    // More than can be counted is no size, and must not be sent as none.
    await page.getByLabel('Bytes at most').fill('99999999999G')
    expect(await page.getByRole('button', { name: 'Change the quota…' }).isDisabled()).to.equal(true)
    await page.getByLabel('Bytes at most').fill('20G')
    await page.getByRole('button', { name: 'Change the quota…' }).click()
    expect(await sayYes(page))
      .to.include('With it shop has 1 of 50 releases, ')
      .and.include('slipway quota shop --releases 50 --bytes 20G')
      .and.match(/If-Match: "/)
    await page.getByText('How much shop may have is saved.').waitFor()
    await page.getByText('it has 1 of 50 releases').waitFor()
    const { body } = await request.get('/api/v1/models/shop')
    expect(body.defaultTag).to.equal('production')
    expect(body.signatures.require).to.deep.equal([{ key: publicPem }])
    expect(body.quota).to.deep.equal({ releases: 50, bytes: 20 * 1024 ** 3 })
  })

  it('have a key count for archives that can run code alone, and no more; and lift a quota', async () => {
    const { url, request, publish } = await aServer()
    await publish(anArchive())
    const settings = '/api/v1/models/shop'
    const signer = { key: aKeyPair().publicPem }
    await request.patch(settings).send({ quota: { releases: 50 }, signatures: { require: [signer] } })
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/models/shop`)
    await page.getByText('Edit the settings').click()
    for (const [button, signatures] of [
      ['Require it only of archives that can run code…', { require: [signer], when: 'executable' }],
      [/^Count no more: the key that ends in /, null],
    ] as const) {
      await page.getByRole('button', { name: button }).click()
      await sayYes(page)
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect((await request.get(settings)).body.signatures).to.deep.equal(signatures)
    }
    await page.getByLabel('Releases at most').fill('')
    await page.getByRole('button', { name: 'Change the quota…' }).click()
    expect(await sayYes(page)).to.include('slipway quota shop --releases none --bytes none')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await request.get(settings)).body.quota).to.equal(null)
  })

  it('have no identity count that this server could not check, and say what to set', async () => {
    const { url, request, publish } = await aServer()
    await publish(anArchive())
    const page = await aWatchedPage(browser(), { tolerates: REFUSED })
    await page.goto(`${url}/dashboard/models/shop`)
    await page.getByText('Edit the settings').click()
    await page.getByLabel('A signature counts by').selectOption('an identity')
    await page.getByRole('textbox', { name: 'Identity' }).fill('repo:ours/bot:.*')
    await page.getByRole('textbox', { name: 'Issuer' }).fill('https://issuer.example.com')
    await page.getByRole('button', { name: 'Require it…' }).click()
    expect(await sayYes(page)).to.include(
      'Counts: repo:ours/bot:.*, vouched for by https://issuer.example.com.',
    )
    await page.getByRole('alert').getByText('set SLIPWAY_TRUSTED_ROOT').waitFor()
    expect((await request.get('/api/v1/models/shop')).body.signatures).to.equal(null)
  })

  it('say what the signature of a release proved, and give out its bundle', async () => {
    const { request, url } = await aServer()
    const archive = anArchive()
    const pair = aKeyPair()
    const content = signDigest(digestOf(archive), 'bot.tar.gz', pair.privateKey)
    const parts = [
      { name: 'model', filename: 'bot.tar.gz', content: archive },
      { name: 'bundle', filename: 'bundle.json', content },
    ]
    const published = await fetch(`${url}/models/shop`, {
      method: 'POST',
      headers: { 'Content-Type': FORM_TYPE },
      body: Uint8Array.from(formOf(parts)),
    })
    expect(published.status).to.equal(201)
    const { text } = await request.get('/dashboard/models/shop/releases/1')
    expect(text).to.include('nobody here has checked whose: it proves nothing')
    const [, href = ''] = /href="\.\.\/\.\.\/\.\.\/\.\.\/([^"]+\/bundle)"/.exec(text) ?? []
    expect((await request.get(`/${href}`)).status).to.equal(200)
  })
})
