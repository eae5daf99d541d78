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

describe('signing in', () => {
  const origin = { Host: 'models.example.com', Origin: 'https://models.example.com' }
  const signIn = (token: string, next = '') =>
    `token=${encodeURIComponent(token)}&next=${encodeURIComponent(next)}`

  it('is asked for where there is a token, with 401 for every page but the first', async () => {
    const { request } = await aServer(guarded)
    expect((await request.get('/')).text).to.include('name="token"')
    const { status, text } = await request.get('/dashboard/bots?state=failing')
    expect(status).to.equal(401)
    expect(text).to.include('name="next" value="dashboard/bots?state=failing"')
  })

  it('leaves the token in a cookie that only this host can set and no script can read, over TLS', async () => {
    const { request } = await aServer(guarded)
    const { status, headers } = await request
      .post('/dashboard/sign-in')
      .set(origin)
      .send(signIn('publish-secret', 'dashboard/bots'))
    expect([status, headers['location']]).to.deep.equal([303, '../dashboard/bots'])
    expect(headers['set-cookie']).to.deep.equal([
      '__Host-slipway-token=publish-secret; Path=/; HttpOnly; SameSite=Strict; Secure',
    ])
  })

  it('leaves it in a cookie without that name over plain HTTP, where browsers would not take it', async () => {
    const { request } = await aServer(guarded)
    const plain = { Host: 'models.example.com', Origin: 'http://models.example.com' }
    const { headers } = await request.post('/dashboard/sign-in').set(plain).send(signIn('publish-secret'))
    expect(headers['set-cookie']).to.deep.equal([
      'slipway-token=publish-secret; Path=/; HttpOnly; SameSite=Strict',
    ])
  })

  it('counts for nothing over TLS where it has the plain name: a neighbour can have set that', async () => {
    const { request } = await aServer(guarded)
    const overTls = { 'X-Forwarded-Proto': 'https' }
    const plain = 'slipway-token=publish-secret'
    const statuses = [
      await request.get('/api/v1/models').set({ ...overTls, Cookie: plain }),
      await request.get('/api/v1/models').set({ ...overTls, Cookie: `__Host-${plain}` }),
      await request.get('/api/v1/models').set({ Cookie: `${plain}; __Host-slipway-token=wrong` }),
    ].map(({ status }) => status)
    expect(statuses).to.deep.equal([401, 200, 401])
  })

  it('opens to a token for some models their pages alone, with the buttons that it allows', async () => {
    const { request, publish } = await aServer(guarded)
    await request
      .post('/models/shop')
      .set({ Authorization: 'Bearer publish-secret', 'Content-Type': 'application/gzip' })
      .send(Buffer.from(anArchive()))
    await publish(anArchive(), { model: 'support' })
    const cookieOf = async (name: string, allow: string[]): Promise<string> => {
      const { body } = await request
        .post('/api/v1/tokens')
        .set('Authorization', 'Bearer publish-secret')
        .send({ name, allow })
      const { status, headers } = await request
        .post('/dashboard/sign-in')
        .set({ Host: 'models.example.com', Origin: 'http://models.example.com' })
        .send(signIn(body.secret))
      expect(status, name).to.equal(303)
      return String(headers['set-cookie']?.[0]).split(';')[0] ?? ''
    }
    const read = await request
      .get('/dashboard/models/shop/releases/1')
      .set('Cookie', await cookieOf('reader', ['read:shop']))
    expect(read.status).to.equal(200)
    expect(read.text).to.include('Signed in as reader, to read only').and.not.include('>Delete<')
    const Cookie = await cookieOf('keeper', ['manage:shop', 'promote:shop@staging'])
    const kept = await request.get('/dashboard/models/shop/releases/1').set({ Cookie })
    expect(kept.text).to.include('>Delete<').and.include('Promote…')
    expect((await request.get('/dashboard/models/support/releases/1').set({ Cookie })).status).to.equal(403)
  })

  it('opens the pages and what they read', async () => {
    const { request } = await aServer(guarded)
    for (const Cookie of ['__Host-slipway-token=publish-secret', 'other=1; slipway-token=publish-secret']) {
      const { text, headers } = await request.get('/').set({ Cookie })
      expect(text).to.include('Sign out')
      // Whoever presses the back button after the reader has signed out is shown nothing of it.
      expect(headers['cache-control']).to.equal('no-store')
      expect((await request.get('/api/v1/models').set({ Cookie })).status).to.equal(200)
    }
  })

  for (const [token, reason] of [
    ['wrong', 'This token is not known here.'],
    ['', 'This token is not known here.'],
    ['pull-secret', 'This token opens no pages: they need one that allows read, for one model at least.'],
  ] as const) {
    it(`is refused with ${token === '' ? 'no token' : `the token "${token}"`}, and says why`, async () => {
      const { request } = await aServer(guarded)
      const { status, text, headers } = await request
        .post('/dashboard/sign-in')
        .set(origin)
        .send(signIn(token))
      expect([status, headers['set-cookie']]).to.deep.equal([403, undefined])
      expect(text).to.include(reason)
    })
  }

  it('never leads to another site afterwards', async () => {
    const { request } = await aServer(guarded)
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/\\evil',
      'dashboard/..//evil.example',
      'javascript:1',
    ]) {
      const { headers } = await request
        .post('/dashboard/sign-in')
        .set(origin)
        .send(signIn('publish-secret', next))
      expect(headers['location'], next).to.equal('../')
    }
  })

  it('is not taken from a page of another site, nor is a change with its cookie', async () => {
    const { request } = await aServer(guarded)
    const foreign = { Host: 'models.example.com', Origin: 'https://evil.example' }
    const Cookie = '__Host-slipway-token=publish-secret'
    const form = await request.post('/dashboard/sign-in').set(foreign).send(signIn('publish-secret'))
    expect([form.status, form.headers['set-cookie']]).to.deep.equal([403, undefined])
    for (const headers of [
      foreign,
      { ...origin, 'Sec-Fetch-Site': 'same-site' },
      { Host: 'models.example.com' },
    ]) {
      const { status, body } = await request.post('/api/v1/verification').set({ ...headers, Cookie })
      expect([status, body.code]).to.deep.equal([403, 'cross-origin-refused'])
    }
    for (const headers of [
      origin,
      { Host: 'backend:5080', Origin: 'https://x.example', 'Sec-Fetch-Site': 'same-origin' },
    ]) {
      const { status } = await request
        .post('/api/v1/models/none/prune')
        .set({ ...headers, Cookie })
        .send({ keepDays: 1 })
      expect(status).to.equal(404)
    }
  })

  it('counts wrong tokens as the gate does', async () => {
    const { request } = await aServer(guarded)
    for (let guess = 0; guess < 30; guess++) {
      await request
        .post('/dashboard/sign-in')
        .set(origin)
        .send(signIn(`guess-${guess}`))
    }
    const { text } = await request.post('/dashboard/sign-in').set(origin).send(signIn('publish-secret'))
    expect(text).to.include('Too many different wrong tokens')
  })

  it('ends with a click', async () => {
    const { request } = await aServer(guarded)
    const { status, headers } = await request.post('/dashboard/sign-out').set(origin)
    expect([status, headers['location']]).to.deep.equal([303, '../'])
    expect(headers['set-cookie']?.[0]).to.match(/^__Host-slipway-token=; .*Max-Age=0/)
  })

  it('is out of the way of polls: a bot with a token of its own is not judged by a cookie', async () => {
    const { request, publish } = await aServer(guarded)
    await publish(anArchive())
    const { status } = await request
      .get('/models/shop')
      .set({ Authorization: 'Bearer wrong', Cookie: 'slipway-token=publish-secret' })
    expect(status).to.equal(401)
  })
})
