import { expect } from 'chai'
import { changedLists } from '../../dashboard/compare/changed-lists.ts'
import { EventStreamParser } from '../../dashboard/live/event-stream.ts'
import { shownLiveness } from '../../dashboard/live/liveness.ts'
import { activitySentence, addEvents } from '../../dashboard/overview/activity.ts'
import { findPage } from '../../dashboard/page/find-page.ts'
import type { Event } from '../../protocol/event.ts'
import type { ReleaseDiff } from '../../protocol/release-diff.ts'
import { ago } from './an-overview.ts'

let id = 0
function event(type: Event['type'], data: Event['data'], bot: string | null = null): Event {
  return { id: ++id, at: ago(0), type, model: 'shop', tag: 'production', bot, process: null, data }
}

function loaded(bot: string, release = 8): Event {
  return event('bot.changed', { kind: 'loaded', release }, bot)
}

function sentences(events: Event[]): string[] {
  return addEvents([], events).map(activitySentence)
}

describe('the activity', () => {
  it('tells the last first', () => {
    const published = event('release.published', { release: 8, publishedBy: 'ci' })
    const moved = event('tag.moved', { from: 7, to: 8, movedBy: 'ci', reason: null })
    expect(sentences([published, moved])).to.deep.equal([
      'shop@production went to release 8, by ci',
      'Release 8 of shop was published by ci',
    ])
  })

  it('tells the same of many bots in one line, by name while they are few', () => {
    expect(sentences(['a', 'b'].map((bot) => loaded(bot)))).to.deep.equal([
      'a and b loaded release 8 (shop@production)',
    ])
    const many = Array.from({ length: 10_000 }, (_, index) => loaded(`pod-${index}`))
    expect(sentences(many)).to.deep.equal(['10,000 bots loaded release 8 (shop@production)'])
    expect(sentences([loaded('a', 7), loaded('b', 8)])).to.have.length(2)
  })

  it('counts a bot once that could not load a release three times, however many others there are', () => {
    const failed = (bot: string): Event => event('bot.changed', { kind: 'load-failed', release: 4 }, bot)
    const attempts = [1, 2, 3].flatMap(() => ['a', 'b', 'c', 'd', 'e'].map(failed))
    expect(sentences(attempts)).to.deep.equal(['5 bots could not load release 4 (shop@production)'])
    const before = addEvents([], attempts.slice(0, 7))
    expect(addEvents(before, attempts.slice(7)).map(activitySentence)).to.deep.equal(sentences(attempts))
  })

  it('goes on in the browser from what the server told: it reaches the page as JSON', () => {
    const first = addEvents([], [loaded('pod-1'), loaded('pod-2')])
    const onPage = JSON.parse(JSON.stringify(first)) as typeof first
    const all = addEvents(onPage, [loaded('pod-2'), loaded('pod-3')])
    expect(all.map(activitySentence)).to.deep.equal([
      'pod-1, pod-2 and pod-3 loaded release 8 (shop@production)',
    ])
  })

  it('tells the names of bots as they are, whatever stands in them', () => {
    expect(sentences([loaded("$'$&{bots}")])).to.deep.equal(["$'$&{bots} loaded release 8 (shop@production)"])
    const paused = event('rollout.changed', { state: 'paused', step: 0, to: 8, reason: '{bots} failed' })
    expect(sentences([paused])).to.deep.equal([
      'The rollout of release 8 to shop@production was paused in step 1: {bots} failed',
    ])
  })

  it('does not tell twice what a publish did', () => {
    const events = [
      event('release.published', { release: 8, publishedBy: 'ci' }),
      { ...event('tag.moved', { from: 7, to: 8, movedBy: 'ci', reason: 'published' }), tag: 'latest' },
      event('rollout.changed', { state: 'replaced', step: 0, to: 7, reason: 'replaced' }),
      {
        ...event('rollout.changed', { state: 'running', step: 0, to: 8, reason: 'published', began: true }),
        tag: 'latest',
      },
    ]
    expect(sentences(events)).to.deep.equal(['Release 8 of shop was published by ci'])
  })

  it('tells of a rollout as it was then: the next one goes on meanwhile', () => {
    const events = ['done', 'running', 'reverting', 'paused'].map((state, index) =>
      event('rollout.changed', { state, step: 1, to: 7 + Math.min(index, 1), reason: null }),
    )
    expect(sentences(events)).to.deep.equal([
      'The rollout of release 8 to shop@production was paused in step 2',
      'The rollout of release 8 to shop@production began to be taken back',
      'The rollout of release 8 to shop@production was in step 2',
      'The rollout of release 7 to shop@production was completed',
    ])
  })

  it('says that a rollout began, and who began it, and where it went on', () => {
    const running = { state: 'running', to: 8, startedBy: 'ann' }
    const events = [
      event('rollout.changed', { ...running, step: 0, began: true, reason: 'published' }),
      event('rollout.changed', { ...running, step: 0, began: false, reason: null }),
      event('rollout.changed', { ...running, step: 1, began: false, reason: '1 bot of step 1 runs it' }),
    ]
    expect(sentences(events)).to.deep.equal([
      'The rollout of release 8 to shop@production went on in step 2: 1 bot of step 1 runs it',
      'The rollout of release 8 to shop@production went on in step 1',
      'The rollout of release 8 to shop@production began, by ann',
    ])
  })

  it('does not call a rollout completed that ended because its bots could not load the release', () => {
    const reason = '1 of 1 bots could not load release 8 and were left alone (pod-1: 3 failed loads)'
    const done = { state: 'done', step: 0, to: 8 }
    const passed = { ...done, stepState: 'passed', reason: '3 bots of step 1 run release 8' }
    const [ended, completed] = addEvents(
      [],
      [
        event('rollout.changed', passed),
        event('rollout.changed', { ...done, stepState: 'inconclusive', reason }),
      ],
    )
    expect([ended?.tone, ended?.text]).to.deep.equal([
      'plain',
      `The rollout of release 8 to shop@production ended: ${reason}`,
    ])
    expect([completed?.tone, completed?.text]).to.deep.equal([
      'good',
      'The rollout of release 8 to shop@production was completed: 3 bots of step 1 run release 8',
    ])
  })

  it('says why a step waits for which nothing is proven', () => {
    const data = { state: 'running', step: 0, stepState: 'inconclusive', to: 8, began: false }
    const [waits] = addEvents([], [event('rollout.changed', { ...data, reason: 'nothing is proven' })])
    expect([waits?.tone, waits?.text]).to.deep.equal([
      'bad',
      'The rollout of release 8 to shop@production waits in step 1: nothing is proven',
    ])
  })

  it('says why a rollout was taken back', () => {
    const reverted = event('rollout.changed', { state: 'reverted', step: 0, to: 8, reason: 'pod-1 failed' })
    expect(sentences([reverted])).to.deep.equal([
      'The rollout of release 8 to shop@production was taken back: pod-1 failed',
    ])
  })
})

describe('a stream of events', () => {
  const text =
    ': hello\n\nretry: 5000\n\nid: 7\nevent: tag.moved\ndata: {"a":\ndata: 1}\n\r\nid:8\r\ndata:x\r\n\r\n'
  const events = [
    { id: '7', data: '{"a":\n1}' },
    { id: '8', data: 'x' },
  ]

  it('is read whole, in whatever pieces it comes', () => {
    for (let size = 1; size <= text.length; size++) {
      const parser = new EventStreamParser()
      const read = []
      for (let index = 0; index < text.length; index += size)
        read.push(...parser.push(text.slice(index, index + size)))
      expect(read, `pieces of ${size}`).to.deep.equal(events)
    }
  })
})

describe('a page that follows what happens', () => {
  it('is not called live while it cannot read what happened', () => {
    expect(shownLiveness({ kind: 'live' }, ago(60))).to.deep.equal({ kind: 'stale', since: ago(60) })
    expect(shownLiveness({ kind: 'live' }, ago(60), 'The database is away.')).to.deep.equal({
      kind: 'stale',
      since: ago(60),
      reason: 'The database is away.',
    })
    expect(shownLiveness({ kind: 'live' }, undefined)).to.deep.equal({ kind: 'live' })
    // The stream broke, too, as it does where the server ends it.
    const broken = { kind: 'stale', since: ago(90) } as const
    expect(shownLiveness(broken, ago(60), 'The database is away.')).to.deep.equal({
      ...broken,
      reason: 'The database is away.',
    })
    expect(shownLiveness(broken, undefined)).to.equal(broken)
    const refused = { kind: 'refused' } as const
    expect(shownLiveness(refused, ago(60))).to.equal(refused)
  })
})

describe('an address', () => {
  const pages = [
    { path: '' },
    { path: 'dashboard/models/:model' },
    { path: 'dashboard/models/:model/bots/:bot' },
  ]

  it('is found with what it names, decoded', () => {
    const found = findPage(pages, 'dashboard/models/shop/bots/a%2Fb%20c', {})
    expect(found?.where.params).to.deep.equal({ model: 'shop', bot: 'a/b c' })
    expect(findPage(pages, '', {})?.page.path).to.equal('')
  })

  it('is none where nothing fits, or it is no text', () => {
    for (const path of ['dashboard', 'dashboard/models/', 'dashboard/models/%ff', 'dashboard/models/a/b']) {
      expect(findPage(pages, path, {}), path).to.equal(undefined)
    }
  })
})

describe('what changed', () => {
  it('between two releases leaves out lists that are alike', () => {
    const alike = {
      from: 1,
      to: 1,
      added: [],
      removed: [],
      changed: [],
      isReordered: false,
      compared: 'whole',
    } as const
    const list = () => ({ ...alike, added: [], removed: [], changed: [] })
    const lists: ReleaseDiff['lists'] = {
      intents: { ...list(), added: ['order'] },
      entities: list(),
      slots: list(),
      responses: list(),
      forms: list(),
      actions: list(),
      pipeline: { ...list(), isReordered: true },
      policies: list(),
    }
    expect(changedLists({ lists }).map(({ name }) => name)).to.deep.equal(['intents', 'pipeline'])
  })
})
