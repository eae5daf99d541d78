import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer } from '../../support/server-under-test.ts'

const guarded = { publishToken: 'publish-secret', pullToken: 'pull-secret' }

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
