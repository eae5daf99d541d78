import { expect } from 'chai'
import { IMMEDIATE } from '../../../../protocol/rollout-policy.ts'
import type { Bot } from '../../../../protocol/bot.ts'
import type { RolloutSummary } from '../../../../protocol/rollout.ts'
import type { KnownTag } from '../../../../client/api/known-schemas.ts'
import { fleetPicture, type Fleet } from '../../../../client/cli/picture/fleet-picture.ts'
import { paintLine } from '../../../../client/cli/picture/paint.ts'
import { rolloutPicture } from '../../../../client/cli/picture/rollout-picture.ts'
import { screenStyle, type ScreenStyle } from '../../../../client/cli/screen.ts'

const NOW = Date.parse('2026-11-26T14:05:00.000Z')
const EARLIER = '2026-11-26T12:05:00.000Z'
const PLAIN: ScreenStyle = { columns: 80, rows: 24, hasColor: false, hasUnicode: true }

const aTag = (differences: Partial<KnownTag> = {}): KnownTag => ({
  model: 'shop',
  tag: 'production',
  release: 7,
  digest: 'a'.repeat(64),
  movedAt: EARLIER,
  movedBy: 'ci',
  reason: null,
  rollout: null,
  ...differences,
})

const aBot = (state: Bot['state'], differences: Partial<Bot> = {}): Bot => ({
  bot: 'pod-3',
  model: 'shop',
  tag: 'production',
  state,
  release: 7,
  digest: 'a'.repeat(64),
  since: EARLIER,
  lastSeen: EARLIER,
  firstSeen: EARLIER,
  interval: 100,
  processes: 1,
  offered: null,
  failures: null,
  hints: [],
  ...differences,
})

const aRollout = (differences: Partial<RolloutSummary> = {}): RolloutSummary => ({
  id: '1',
  model: 'shop',
  tag: 'production',
  from: 7,
  to: 8,
  state: 'running',
  step: 1,
  steps: [
    { target: 1, bots: 1, state: 'passed', startedAt: EARLIER, endedAt: EARLIER },
    { target: '25%', bots: 3, state: 'running', startedAt: EARLIER, endedAt: null },
    { target: '100%', bots: 10, state: 'waiting', startedAt: null, endedAt: null },
  ],
  counts: { bots: 10, updated: 2, loading: 1, failing: 0, waiting: 7, lost: 0 },
  policy: IMMEDIATE,
  reason: null,
  startedAt: EARLIER,
  startedBy: 'ci',
  startReason: null,
  endedAt: null,
  ...differences,
})

const drawn = (fleet: Fleet, style = PLAIN): string[] =>
  fleetPicture(fleet, NOW, style).map((line) => paintLine(line, style))

const many = (count: number, state: Bot['state'], differences?: Partial<Bot>): Bot[] =>
  Array.from({ length: count }, () => aBot(state, differences))

describe('the picture of a fleet', () => {
  it('has one row for each tag: where it points, by whom, since when, and what its bots do', () => {
    const bots = [...many(41, 'running'), aBot('loading', { release: 6 })]
    expect(drawn({ tags: [aTag()], bots, rollouts: [] })).to.deep.equal([
      'TAGS',
      '  shop@production → 7, by ci, 2 h ago; 41 of 42 run it, 1 loading',
      `  ${'●'.repeat(41)}◐`,
    ])
  })

  it('has what needs a hand on top: rollouts that wait for a person, bots that fail, bots that are lost', () => {
    const failures = { release: 8, loads: 3, transfers: 0, restarts: 0, reason: 'did not show release 8' }
    const bots = [aBot('lost', { bot: 'pod-9' }), aBot('failing', { failures })]
    const rollouts = [aRollout({ state: 'paused', reason: 'pod-9 is lost' })]
    const [title, ...lines] = drawn({ tags: [aTag()], bots, rollouts })
    expect([title, ...lines.slice(0, 3)]).to.deep.equal([
      'NEEDS A HAND',
      '  paused rollout of shop@production: pod-9 is lost',
      '  failing pod-3 (shop@production), heard 2 h ago: did not show release 8',
      '  lost pod-9 (shop@production), heard 2 h ago: does not poll any more',
    ])
  })

  it('names some of many bots that need a hand, and says how many more there are', () => {
    const lines = drawn({ tags: [], bots: many(100, 'failing'), rollouts: [] })
    expect(lines).to.include('  and 95 more: slipway bots --state failing')
    expect(lines.length).to.be.below(15)
  })

  it('fits in its columns, whatever names and numbers there are, and nothing steers the terminal', () => {
    const bot = '\u001b[2J\u202e' + 'x'.repeat(128)
    const bots = [...many(10_000, 'running'), ...many(3, 'failing', { bot })]
    for (const columns of [20, 40, 80, 200]) {
      const style = { ...PLAIN, columns }
      for (const line of drawn({ tags: [aTag()], bots, rollouts: [aRollout()] }, style)) {
        expect(Array.from(line).length, line).to.be.at.most(columns)
        expect(line).to.not.match(/[\u001b\u202e]/)
      }
    }
  })

  it('teaches where there is nothing yet', () => {
    expect(drawn({ tags: [], bots: [], rollouts: [] }).join()).to.include('slipway push')
    expect(drawn({ tags: [aTag()], bots: [], rollouts: [] }).join()).to.include('no bot polls it')
  })
})

describe('the picture of a rollout', () => {
  const lines = (rollout: RolloutSummary, style = PLAIN): string[] =>
    rolloutPicture(rollout, style, Date.now()).map((line) => paintLine(line, style))

  it('has its steps in a row, its bots as dots, and the numbers', () => {
    expect(lines(aRollout())).to.deep.equal([
      'shop@production  7 → 8  running',
      '  ✔ 1 ── ▶ 25% ── · 100%',
      '  ●●◐○○○○○○○',
      '  2 of 10 bots run release 8 (1 loading, 7 waiting)',
    ])
  })

  it('says why it is where it is', () => {
    expect(lines(aRollout({ state: 'reverted', reason: '2 of 3 bots could not load it' })).at(-1)).to.equal(
      '  2 of 3 bots could not load it',
    )
  })

  it('is drawn in letters where the terminal has no others', () => {
    expect(lines(aRollout(), { ...PLAIN, hasUnicode: false })).to.deep.equal([
      'shop@production  7 -> 8  running',
      '  + 1 -- > 25% -- - 100%',
      '  ##o.......',
      '  2 of 10 bots run release 8 (1 loading, 7 waiting)',
    ])
  })

  it('has no state without a dot, however many bots there are', () => {
    const counts = { bots: 10_000, updated: 9_997, loading: 1, failing: 1, waiting: 0, lost: 1 }
    const dots = lines(aRollout({ counts }))[2] ?? ''
    expect(dots).to.match(/^ {2}●+◐\?✖$/)
    expect(Array.from(dots).length).to.equal(78)
  })
})

describe('what a terminal can show', () => {
  const terminal = { columns: 100, rows: 40 }

  it('is without colours by NO_COLOR, and for a terminal that says it has none', () => {
    expect(screenStyle(terminal, { TERM: 'xterm' }).hasColor).to.equal(true)
    expect(screenStyle(terminal, { TERM: 'xterm', NO_COLOR: '1' }).hasColor).to.equal(false)
    expect(screenStyle(terminal, { TERM: 'dumb' }).hasColor).to.equal(false)
    expect(paintLine([{ text: 'x', color: 'red' }], { columns: 80, hasColor: false })).to.equal('x')
    expect(paintLine([{ text: 'x', color: 'red' }], { columns: 80, hasColor: true })).to.include('\u001b[31m')
  })

  it('is in letters unless the locale says UTF-8', () => {
    expect(screenStyle(terminal, { LANG: 'en_GB.UTF-8' }).hasUnicode).to.equal(true)
    expect(screenStyle(terminal, { LANG: 'en_GB.UTF-8', LC_ALL: 'C' }).hasUnicode).to.equal(false)
    expect(screenStyle(terminal, {}).hasUnicode).to.equal(false)
  })
})
