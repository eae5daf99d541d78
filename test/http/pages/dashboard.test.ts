import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { aFleetOn } from '../../support/fleet-under-test.ts'
import { PollingBot } from '../../support/polling-bot.ts'
import { aServer } from '../../support/server-under-test.ts'

const guarded = { publishToken: 'publish-secret', pullToken: 'pull-secret' }

const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
].join('; ')

describe('the dashboard, as the server sends it', () => {
  it('loads from this server alone, and has nothing that only unsafe-inline would allow', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const { text, headers } = await request.get('/')
    expect(headers['content-security-policy']).to.equal(POLICY)
    expect(text).to.not.match(/ style=| on[a-z]+=|https?:\/\/|javascript:/)
    const scripts = [...text.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes)
    expect(scripts).to.have.length(2)
    expect(scripts[0]).to.match(/src="\.\/dashboard\/assets\/page-\w+\.js"/)
    expect(scripts[1]).to.equal(' type="application/json" id="boot"')
  })

  it('has its files by names that change with their bytes, for a year', async () => {
    const { request } = await aServer()
    const { text } = await request.get('/')
    const names = [...text.matchAll(/="\.\/(dashboard\/assets\/[^"]+)"/g)].map(([, name = '']) => name)
    expect(names).to.have.length(2)
    for (const name of names) {
      const { status, headers } = await request.get(`/${name}`)
      expect([status, headers['content-encoding']], name).to.deep.equal([200, 'gzip'])
      expect(headers['cache-control']).to.equal('public, max-age=31536000, immutable')
      expect(headers['x-content-type-options']).to.equal('nosniff')
    }
    expect((await request.get('/dashboard/assets/page-OLD.js')).status).to.equal(404)
    expect((await request.get('/dashboard/assets/..%2Fassets.json')).status).to.equal(404)
  })

  it('says what needs a hand, how each tag is, and what happened, without a script', async () => {
    const { request, bots, digests, untilRollout } = await aFleetOn(3)
    for (const bot of bots) bot.unloadable.add(digests[2] ?? '')
    await request
      .put('/api/v1/models/shop/tags/production')
      .send({ release: 2, policy: { steps: [1, '100%'], onFail: 'pause' } })
    await untilRollout('paused')
    const { text } = await request.get('/')
    expect(text).to.include(
      'The rollout of release 2 to shop@production stands still in step 1 of 2: 0 of 3 bots run it, 1 could not load it',
    )
    expect(text).to.match(/1 of 1 bots could not load release 2 \(pod-\d: 3 failed loads\)/)
    expect(text).to.match(/all 3 bots run release 1; of these 1 failing: could not load 2/)
    expect(text).to.match(/pod-\d could not load release 2 \(shop@production\)/)
  })

  it('teaches where there is nothing yet', async () => {
    const { request, url, publish } = await aServer()
    expect((await request.get('/')).text)
      .to.include('Nothing is published yet')
      .and.include(`url: ${url}/models/MODEL@production`)
      .and.include(`export SLIPWAY_URL=${url}`)
    await publish(anArchive())
    expect((await request.get('/dashboard/bots')).text)
      .to.include('No bot has polled yet')
      .and.include(`url: ${url}/models/shop@latest`)
  })

  it('teaches the address at which its reader reaches it, behind a proxy that ends TLS', async () => {
    const { request } = await aServer(guarded)
    const { text } = await request.get('/').set({
      ...{ Host: 'models.example.com', 'X-Forwarded-Proto': 'https' },
      Authorization: 'Bearer publish-secret',
    })
    expect(text).to.include('url: https://models.example.com/models/MODEL@production')
  })

  it('opens bots that are called . and .., which no path can name', async () => {
    const { request, url } = await aFleetOn(0)
    for (const name of ['.', '..']) await new PollingBot(`${url}/models/shop@production`, name).poll()
    const { text } = await request.get('/dashboard/bots')
    for (const name of ['.', '..']) {
      expect(text).to.include(`dashboard/models/shop/bots/-?bot=${name}"`)
      const page = await request.get(`/dashboard/models/shop/bots/-?bot=${name}`)
      expect(page.text).to.include(`<h1>${name}</h1>`)
      const { body } = await request.get(`/api/v1/bots/-?model=shop&bot=${name}`)
      expect(body.bot).to.equal(name)
    }
  })

  it('does not show a publish that no bot waits for as a rollout that is under way', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const { text } = await request.get('/dashboard/rollouts')
    expect(text)
      .to.include('No rollout is under way')
      .and.include('no bot that counts as evidence polls it yet')
  })

  it('shows names from elsewhere as text, never as markup', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive(), {
      query: `notes=${encodeURIComponent('</script><img src=x onerror=alert(1)>')}`,
    })
    for (const path of ['/dashboard/models/shop', '/dashboard/models/shop/releases/1']) {
      const { text } = await request.get(path)
      expect(text).to.include('&lt;img src=x').and.not.include('<img src=x')
      expect(text.match(/<\/script>/g), path).to.have.length(2)
    }
  })

  for (const path of ['/dashboard/nothing', '/dashboard/models/none', '/dashboard/models/shop/releases/9']) {
    it(`answers 404 with a page where there is nothing: ${path}`, async () => {
      const { request, publish } = await aServer()
      await publish(anArchive())
      const { status, type, text } = await request.get(path)
      expect([status, type]).to.deep.equal([404, 'text/html'])
      expect(text).to.include('Back to the overview')
    })
  }

  it('links to pages below wherever it is', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const paths = ['/', '/dashboard/models', '/dashboard/models/shop', '/dashboard/models/shop/releases/1']
    for (const path of paths) {
      const { text } = await request.get(path)
      const links = [...text.matchAll(/ (?:href|src|action)="([^"#]+)"/g)]
        .map(([, link = '']) => link)
        // A form, which is nothing without what is filled in.
        .filter((link) => !link.endsWith('/compare'))
      expect(links.length).to.be.greaterThan(5)
      for (const link of links) {
        expect(link, path).to.match(/^(\.\/|(\.\.\/)+)/)
        const { pathname, search } = new URL(link.replaceAll('&amp;', '&'), `http://host/prefix${path}`)
        expect(pathname, `${path}: ${link}`).to.match(/^\/prefix\//)
        const { status } = await request.get(pathname.replace('/prefix', '') + search)
        expect([200, 303], `${path}: ${link}`).to.include(status)
      }
    }
  })
})
