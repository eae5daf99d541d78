import { expect } from 'chai'
import { needsAttention } from '../../dashboard/overview/needs-attention.ts'
import type { ServerStatus } from '../../protocol/status.ts'
import {
  aBot,
  aFailingBot,
  anExport,
  ago,
  anOverview,
  aRollout,
  aServerOfGroup,
  aStatus,
  aTag,
} from './an-overview.ts'

const FAILING = {
  bots: { all: 3, updated: 1, states: { running: 1, failing: 2 }, releases: [{ release: 7, bots: 3 }] },
  failing: [aFailingBot('pod-3'), aFailingBot('pod-7')],
}

describe('what needs a hand', () => {
  it('is nothing where all bots run what they shall', () => {
    expect(needsAttention(anOverview(), aStatus())).to.deep.equal([])
  })

  it('is a bot that fails: which, of how many, at what, and why', () => {
    const [item] = needsAttention(anOverview({ tags: [aTag(FAILING)] }), null)
    expect(item?.sentence).to.equal(
      '2 of 3 bots of shop@production could not load release 8: pod-3 (3 failed loads) and pod-7 (3 failed loads).',
    )
    expect(item?.detail)
      .to.include('They go on with what they ran before.')
      .and.include('took release 8 whole')
    expect(item?.urgency).to.equal('now')
    expect(item?.links[0]?.href).to.equal('dashboard/bots?model=shop&tag=production&state=failing')
  })

  it('is helped by aborting the rollout where one is under way', () => {
    const [item] = needsAttention(anOverview({ tags: [aTag({ ...FAILING, rollout: aRollout() })] }), null)
    expect(item?.actions.map(({ label }) => label)).to.deep.equal(['Abort: back to 7', 'Pause'])
  })

  it('is helped by a rollback where the tag has the release that fails', () => {
    const tag = aTag({ ...FAILING, release: 8, rollbackTo: 7 })
    const [item] = needsAttention(anOverview({ tags: [tag] }), null)
    expect(item?.actions.map(({ label }) => label)).to.deep.equal(['Roll back'])
  })

  it('is helped by no rollback where nothing is before', () => {
    const [item] = needsAttention(anOverview({ tags: [aTag({ ...FAILING, release: 8 })] }), null)
    expect(item?.actions).to.deep.equal([])
  })

  it('names three of many', () => {
    const failing = Array.from({ length: 10 }, (_, index) => aFailingBot(`pod-${index}`))
    const bots = { all: 400, updated: 0, states: { failing: 120, running: 280 }, releases: [] }
    const [item] = needsAttention(anOverview({ tags: [aTag({ bots, failing })] }), null)
    expect(item?.sentence).to.match(/^120 of 400 bots .* pod-2 \(3 failed loads\) and 117 more\.$/)
  })

  it('is a bot that went silent today, and not one that was taken down last week', () => {
    const lost = (seconds: number) =>
      needsAttention(
        anOverview({
          tags: [
            aTag({
              bots: { all: 3, updated: 3, states: { running: 2, lost: 1 }, releases: [] },
              lost: [aBot('pod-1', { state: 'lost', lastSeen: ago(seconds) })],
            }),
          ],
        }),
        null,
      )
    expect(lost(7_200).map(({ sentence, urgency }) => [sentence, urgency])).to.deep.equal([
      ['1 bot of shop@production is silent: pod-1, heard last 2 hours ago.', 'soon'],
    ])
    expect(lost(3 * 86_400)).to.deep.equal([])
  })

  it('is urgent where no bot of a tag polls any more', () => {
    const bots = { all: 1, updated: 1, states: { lost: 1 }, releases: [] }
    const tag = aTag({ bots, lost: [aBot('pod-1', { state: 'lost', lastSeen: ago(600) })] })
    const [item] = needsAttention(anOverview({ tags: [tag] }), null)
    expect([item?.sentence, item?.urgency]).to.deep.equal([
      'No bot of shop@production polls any more: pod-1, the last one 10 minutes ago.',
      'now',
    ])
  })

  it('is a rollout that waits, as nothing is proven by its bots', () => {
    const [first, ...others] = aRollout().steps
    const steps = first === undefined ? [] : [{ ...first, state: 'inconclusive' as const }, ...others]
    const rollout = aRollout({ steps, reason: 'nothing is proven' })
    const [item] = needsAttention(anOverview({ tags: [aTag({ rollout })] }), null)
    expect(item?.sentence).to.match(/^The rollout of release 8 to shop@production waits in step 1 of 2: /)
    expect(item?.detail).to.equal('Why: nothing is proven.')
  })

  it('is a rollout that stands still: where, why, and all that can be done', () => {
    const rollout = aRollout({ state: 'paused', reason: 'no bot has loaded it for an hour' })
    const [item] = needsAttention(anOverview({ tags: [aTag({ rollout })] }), null)
    expect(item?.sentence).to.equal(
      'The rollout of release 8 to shop@production stands still in step 1 of 2: 1 of 3 bots run it, the others keep release 7.',
    )
    expect(item?.detail).to.equal('Why: no bot has loaded it for an hour.')
    expect(item?.actions.map(({ label }) => label)).to.deep.equal([
      'Resume',
      'Retry',
      'Advance',
      'Abort: back to 7',
    ])
  })

  it('is one matter where a rollout stands still because its bots failed', () => {
    const rollout = aRollout({
      state: 'paused',
      counts: { bots: 3, updated: 0, loading: 0, failing: 2, waiting: 1, lost: 0 },
    })
    const items = needsAttention(anOverview({ tags: [aTag({ ...FAILING, rollout })] }), null)
    expect(items.map(({ key }) => key)).to.deep.equal(['paused shop@production'])
    expect(items[0]?.sentence).to.include(
      '0 of 3 bots run it, 2 could not load it, the others keep release 7.',
    )
  })

  it('tells of no others where all bots run it or failed', () => {
    const counts = { bots: 5, updated: 4, loading: 0, failing: 1, waiting: 0, lost: 0 }
    const rollout = aRollout({ state: 'paused', counts })
    const [item] = needsAttention(anOverview({ tags: [aTag({ rollout })] }), null)
    expect(item?.sentence).to.match(/4 of 5 bots run it, 1 could not load it\.$/)
  })

  it('is told with what is urgent first', () => {
    const bots = { all: 3, updated: 2, states: { running: 2, lost: 1 }, releases: [{ release: 7, bots: 3 }] }
    const silent = aTag({ bots, lost: [aBot('pod-3', { state: 'lost' })] })
    const paused = aTag({ tag: 'staging', rollout: aRollout({ tag: 'staging', state: 'paused' }) })
    const items = needsAttention(anOverview({ tags: [silent, paused] }), null)
    expect(items.map(({ urgency, key }) => [urgency, key])).to.deep.equal([
      ['now', 'paused shop@staging'],
      ['soon', 'lost shop@production'],
    ])
  })

  it('is a release that was taken back, until a newer one is published', () => {
    const quarantined = {
      model: 'shop',
      release: 8,
      at: ago(60),
      reason: '2 of 3 bots could not load release 8',
    }
    const told = (isNewest: boolean) =>
      needsAttention(anOverview({ quarantined: [{ ...quarantined, isNewest }] }), null)
    expect(told(true)[0]?.sentence).to.equal(
      'Release 8 of shop was taken back from bots, and nothing newer was published: 2 of 3 bots could not load release 8.',
    )
    expect(told(true)[0]?.links.map(({ href }) => href)).to.deep.equal([
      'dashboard/models/shop/releases/8',
      'dashboard/models/shop/compare?from=7&to=8',
    ])
    expect(told(false)).to.deep.equal([])
  })

  it('is each of several webhooks that fail, under a key of its own', () => {
    const warnings = [1, 2].map((id) => ({
      code: 'webhook-failing' as const,
      message: `Webhook ${id} takes nothing.`,
    }))
    const items = needsAttention(anOverview(), aStatus({ warnings }))
    expect(items.map(({ sentence }) => sentence)).to.deep.equal(warnings.map(({ message }) => message))
    expect(new Set(items.map(({ key }) => key))).to.have.length(2)
  })

  it('is a damaged archive: of which release, and what mends it', () => {
    const damaged = [
      {
        digest: 'a'.repeat(64),
        kind: 'damaged',
        damagedAt: ago(60),
        releases: [{ model: 'shop', release: 7 }],
      },
    ] as const
    const [item] = needsAttention(
      anOverview({ damaged: [...damaged].map((one) => ({ ...one, releases: [...one.releases] })) }),
      null,
    )
    expect(item?.sentence).to.equal(
      'The stored archive of release 7 of shop is damaged: it is not given out.',
    )
    expect(item?.actions.map(({ label }) => label)).to.deep.equal(['Verify all archives'])
  })

  it('is a disk that fills', () => {
    const message = 'The volume of DATA_DIR is 91 % full; slipway prune makes room.'
    const status = aStatus({ warnings: [{ code: 'disk-filling', message }] })
    const [item] = needsAttention(anOverview(), status)
    expect(item?.sentence).to.equal(`${message} 5.0 GB are free.`)
    expect(item?.command).to.include('slipway prune')
  })

  it('is a server of a group that is silent, at once where one is left', () => {
    const silent = (host: string) => aServerOfGroup(host, { state: 'silent', lastSeenAt: ago(240) })
    const told = (servers: ServerStatus[]) =>
      needsAttention(anOverview(), aStatus({ servers })).map(({ sentence, urgency }) => [sentence, urgency])
    expect(told([aServerOfGroup('a'), aServerOfGroup('b')])).to.deep.equal([])
    expect(told([aServerOfGroup('a'), silent('b'), aServerOfGroup('c')])).to.deep.equal([
      ['1 of 3 servers is silent: b (b:5080, heard last 4 minutes ago).', 'soon'],
    ])
    expect(told([aServerOfGroup('a'), silent('b'), silent('c')])).to.deep.equal([
      [
        '2 of 3 servers are silent: b (b:5080, heard last 4 minutes ago) and c (c:5080, heard last 4 minutes ago).',
        'now',
      ],
    ])
  })

  it('is a bot whose tag does not exist, said apart from those that are refused, and once', () => {
    const refusal = { model: 'shop', refusals: 2, firstAt: ago(120), lastAt: ago(10) }
    const refused = [
      { ...refusal, bot: 'pod-1', tag: 'production', code: 'no-release-tagged' },
      { ...refusal, bot: 'pod-2', tag: 'latest', code: 'token-required' },
    ]
    const warnings = [{ code: 'bots-without-tag' as const, message: 'the same' }]
    const items = needsAttention(anOverview({ refused }), aStatus({ warnings }))
    expect(items.map(({ sentence }) => sentence)).to.deep.equal([
      '1 bot that polled before is refused, for 2 minutes now (token-required): pod-2 of shop.',
      '1 bot that polled before polls a tag that does not exist, for 2 minutes now (404): pod-1 of shop@production.',
    ])
    expect(items[1]).to.include({ urgency: 'now', command: 'slipway promote shop@production RELEASE' })
  })

  it('is a bucket that does not answer, at once', () => {
    const warnings = [{ code: 'uploads-refused' as const, message: 'Nothing can be published: it is away.' }]
    const [item] = needsAttention(anOverview(), aStatus({ warnings }))
    expect([item?.sentence, item?.urgency]).to.deep.equal([warnings[0]?.message, 'now'])
  })

  it('is a backup that is older than a week, and not a younger one', () => {
    const told = (days: number, failures = 0) =>
      needsAttention(
        anOverview(),
        aStatus({ backup: { intervalSeconds: 86_400, lastTakenAt: ago(days * 86_400), failures } }),
      ).map(({ sentence, urgency }) => [sentence, urgency])
    expect(told(6)).to.deep.equal([])
    expect(told(8)).to.deep.equal([
      ['The backup of the catalog is old: the last one was taken 8 days ago.', 'now'],
    ])
    expect(told(2, 2)).to.deep.equal([
      ['2 backups of the catalog failed in a row: the last one was taken 2 days ago.', 'soon'],
    ])
  })

  it('is not a backup that nobody has asked the server for', () => {
    expect(needsAttention(anOverview(), aStatus({ backup: null }))).to.deep.equal([])
  })

  it('comes in the order in which to look at it: what is urgent, and of that bots, rollouts, archives, the server', () => {
    const overview = anOverview({
      tags: [
        aTag({
          ...FAILING,
          bots: { ...FAILING.bots, states: { running: 1, failing: 2, lost: 1 } },
          lost: [aBot('pod-9', { state: 'lost', lastSeen: ago(60) })],
          rollout: aRollout({ state: 'paused' }),
        }),
      ],
      quarantined: [{ model: 'shop', release: 8, at: ago(60), reason: 'it fails', isNewest: true }],
      damaged: [{ digest: 'a'.repeat(64), kind: 'missing', damagedAt: ago(60), releases: [] }],
    })
    const status = aStatus({
      backup: { intervalSeconds: 86_400, lastTakenAt: null, failures: 0 },
      warnings: [
        { code: 'disk-filling', message: 'The volume is 91 % full.' },
        { code: 'catalog-lost', message: 'The catalog cannot be used.' },
      ],
    })
    const kinds = needsAttention(overview, status).map(({ key }) => key.split(' ')[0])
    expect(kinds).to.deep.equal([
      'catalog-lost',
      'failing',
      'paused',
      'damaged',
      'disk-filling',
      'backups',
      'lost',
      'quarantined',
    ])
  })

  it('is an export that fails again and again, and not one that failed once', () => {
    const failed = anExport({ state: 'failed', attempts: 3, lastError: 'the bucket answered 403.' })
    const once = anExport({ tag: 'staging', state: 'failed', attempts: 1, lastError: 'a moment' })
    const [item, ...others] = needsAttention(anOverview(), aStatus(), [once, failed])
    expect(others).to.deep.equal([])
    expect(item?.sentence).to.equal(
      '1 export of tags to the bucket fails: shop@production. Whoever reads from there gets the archive from before.',
    )
    expect(item?.detail).to.equal('Seen last: the bucket answered 403.')
    expect(item?.links[0]?.href).to.equal('dashboard/exports')
  })
})
