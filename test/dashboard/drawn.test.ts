import { expect } from 'chai'
import type { Overview } from '../../protocol/overview.ts'
import { dashboardWhenAsked } from '../../server/composition/load-dashboard.ts'
import { aFailingBot, anExport, anOverview, aStatus, aTag, NOW } from './an-overview.ts'

/** What a page says, of what the API says. */
async function draw(path: string, answers: Readonly<Record<string, unknown>>): Promise<string> {
  return (await drawHtml(path, answers)).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
}

/** Draws a page as the server does it. */
async function drawHtml(path: string, answers: Readonly<Record<string, unknown>>): Promise<string> {
  const dashboard = await dashboardWhenAsked()()
  if (dashboard === undefined) throw new Error('The dashboard was not built: run scripts/start')
  const api = {
    get: (asked: string) => Promise.resolve(answers[asked.split('?')[0] ?? ''] as never),
    getTagged: () => Promise.reject(new Error('not asked for')),
    ask: () => Promise.reject(new Error('not asked for')),
  }
  const may = ['read']
  const viewer = { name: 'ana', may, maySomewhere: may, isSignedIn: false }
  const { status, html } = await dashboard.renderPage({
    path,
    server: 'http://127.0.0.1:5080/',
    query: {},
    viewer,
    mayAt: () => may,
    version: '1.2.3',
    now: NOW,
    assets: dashboard.assetNames,
    api,
  })
  expect(status).to.equal(200)
  return html
}

describe('what a page shows', () => {
  const items = [
    anExport({ state: 'failed', attempts: 4, lastError: 'the bucket answered 403' }),
    anExport({ tag: 'staging', exportedAt: null, state: 'pending' }),
  ]
  const overview = (parts: Partial<Overview> = {}) => ({
    'api/v1/overview': anOverview(parts),
    'api/v1/status': aStatus(),
    'api/v1/exports': { items, next: null },
    'api/v1/events': { items: [], next: null },
  })

  it('is, of exports that fail, since how often and why, on their page and on the first one', async () => {
    const page = await draw('dashboard/exports', { 'api/v1/exports': { items, next: null } })
    expect(page)
      .to.include('not copied, after 4 attempts: the bucket answered 403; it is tried again by itself')
      .and.include('is being copied')
    expect(await draw('', overview({ tags: [aTag()] }))).to.include(
      '1 export of tags to the bucket fails: shop@production.',
    )
  })

  it('is what needs a hand also where nothing is published yet', async () => {
    const page = await draw('', overview({ models: 0 }))
    expect(page).to.include('One thing needs a hand').and.include('Nothing is published yet')
  })

  it('is each name that is written from the right by itself: what stands behind it stays there', async () => {
    const failing = [aFailingBot('שלום-1'), aFailingBot('pod-7')]
    const bots = { all: 2, updated: 0, states: { failing: 2 }, releases: [] }
    const html = await drawHtml('', overview({ tags: [aTag({ bots, failing })] }))
    expect(html).to.include('<bdi>שלום-1</bdi> (3 failed loads) and pod-7 (3 failed loads).')
  })
})
