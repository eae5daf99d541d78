import { expect } from 'chai'
import type { Bot } from '../../../protocol/bot.ts'
import { describeBots, describeEvent, noteOf } from '../../../client/cli/describe-bots.ts'
import { readableSeconds } from '../../../client/cli/readable-age.ts'

const NOW = Date.parse('2026-11-25T02:00:00Z')
const AGO = '2026-11-25T01:45:00.000Z'

const bot: Bot = {
  bot: 'pod-1',
  model: 'shop',
  tag: 'production',
  state: 'running',
  release: 7,
  digest: 'a'.repeat(64),
  since: AGO,
  lastSeen: '2026-11-25T01:59:56.000Z',
  firstSeen: AGO,
  interval: 10,
  processes: 1,
  offered: null,
  failures: null,
  hints: [],
}

describe('seconds as people say them', () => {
  for (const [seconds, said] of [
    [0, '0 s'],
    [119, '119 s'],
    [600, '10 min'],
    [30 * 3600, '30 h'],
    [3 * 24 * 3600, '3 days'],
  ] as const) {
    it(`${seconds} are ${said}`, () => {
      expect(readableSeconds(seconds)).to.equal(said)
    })
  }
})

describe('a list of bots', () => {
  it('says how many are how, and shows first what needs somebody', () => {
    const failing: Bot = {
      ...bot,
      bot: 'pod-9',
      state: 'failing',
      hints: ['buffered-on-the-way'],
      failures: { release: 8, loads: 3, transfers: 0, restarts: 1, reason: 'did not show it' },
    }
    expect(describeBots([bot, failing], NOW).split('\n')).to.deep.equal([
      '2 bots: 1 failing, 1 running',
      '',
      'BOT    MODEL@TAG        STATE    RUNS  RUNS IT FOR  LAST HEARD  NOTE',
      'pod-9  shop@production  failing  7     15 min       4 s ago     release 8: 3 failed loads, 1 restart while loading; hints: buffered-on-the-way',
      'pod-1  shop@production  running  7     15 min       4 s ago',
    ])
  })

  it('says what a bot is loading, and for how long', () => {
    const offered = { release: 8, at: AGO, sentAt: '2026-11-25T01:50:00.000Z', attempt: 2 }
    expect(noteOf({ ...bot, offered }, NOW)).to.equal('loading release 8 for 10 min, attempt 2')
    expect(noteOf({ ...bot, offered: { ...offered, sentAt: null } }, NOW)).to.equal(
      'fetching release 8 for 15 min, attempt 2',
    )
  })

  it('says no time for which nothing runs, and how many processes one name has', () => {
    const started = { ...bot, state: 'starting', release: null, digest: null, processes: 2 } as const
    expect(describeBots([started], NOW)).to.match(/starting +- +- +4 s ago +2 processes$/)
  })

  it('says of a new process that it began to poll, as its bot may have polled before', () => {
    const event = { type: 'bot.changed', data: { kind: 'first-seen' } } as const
    expect(describeEvent(event)).to.equal('began to poll')
  })

  it('shows no name that could steer a terminal', () => {
    expect(describeBots([{ ...bot, bot: 'a\u001b[2Jb' }], NOW)).to.not.include('\u001b')
  })

  it('that is empty says when bots will appear', () => {
    expect(describeBots([], NOW)).to.match(/^no bot has polled yet/)
  })
})
