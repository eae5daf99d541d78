import { expect } from 'chai'
import fc from 'fast-check'
import { ADDRESS_KEPT, hearRepeat, isRepeat, type UnaddressedPoll } from '../../server/fleet/repeated-poll.ts'
import type { BotEntry } from '../../server/fleet/bot-entry.ts'
import { newBot } from '../../server/fleet/bot.ts'
import type { ProcessRecord } from '../../server/fleet/process-record.ts'
import { reduceBot } from '../../server/fleet/reduce-bot.ts'
import { begun, MINUTE, NEW, OLD, poll, POD, processAfter, sent, START } from './facts.ts'

/** Heard last 30 s after {@link START}, in sync. */
const IN_SYNC = processAfter(
  [0, poll(null)],
  [1, begun(NEW)],
  [2, sent()],
  [10, poll(NEW)],
  [20, poll(NEW)],
  [30, poll(NEW)],
).process
const HEARD = START + 30_000

const BOT: BotEntry = { key: '', fields: newBot('shop', 'pod-1'), processes: new Map() }

const entryOf = (record: ProcessRecord, addressAt = HEARD) => ({ key: '', bot: BOT, record, addressAt })
const isRepeated = (more: Partial<UnaddressedPoll>, at = HEARD + 10_000) =>
  isRepeat(entryOf(IN_SYNC), { ...poll(NEW), ...more }, at)

/** The first nine times of ten, else one of the others. */
function mostly<const Value>(value: Value, ...others: Value[]): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, fc.constantFrom(...others))
}

describe('a poll like the last one of its process', () => {
  it('is one that says the same within five minutes from when its address was asked', () => {
    expect(isRepeated({})).to.equal(true)
    expect(isRepeated({}, HEARD + ADDRESS_KEPT)).to.equal(false)
  })

  it('is none where the clock was set back by more than that', () => {
    expect(isRepeated({}, HEARD - ADDRESS_KEPT)).to.equal(false)
  })

  it('is none that says anything else', () => {
    expect(isRepeated({ tag: 'staging' })).to.equal(false)
    expect(isRepeated({ digest: OLD.digest })).to.equal(false)
    expect(isRepeated({ digest: null })).to.equal(false)
    expect(isRepeated({ hints: ['etag-rewritten'] })).to.equal(false)
    expect(isRepeated({ source: { ...POD, instance: 'pod-2' } })).to.equal(false)
    expect(isRepeated({ source: { ...POD, token: 'bots' } })).to.equal(false)
  })

  it('is none of a process that waited, and is in sync now', () => {
    const waiting = entryOf({ ...IN_SYNC, standing: 'waiting' })
    expect(isRepeat(waiting, poll(NEW), HEARD + 10_000)).to.equal(false)
  })

  it('makes of its process what any poll would, and nothing happens', () => {
    let repeats = 0
    const changes = fc.record({
      digest: mostly(NEW.digest, OLD.digest, null),
      polls: mostly(2, 1),
      steady: mostly(true, false),
      standing: mostly('in-sync', 'waiting'),
      offer: mostly(null, { ...NEW, begunAt: HEARD, sentAt: null, attempt: 1, stream: 's1' }),
      lostAt: mostly(null, HEARD),
      replacedBy: mostly(null, 'b'),
      gaps: fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 5 }),
      since: mostly(HEARD, HEARD - 20 * MINUTE),
      hints: mostly({}, { 'etag-rewritten': START }),
    })
    fc.assert(
      fc.property(
        changes,
        mostly(null, HEARD),
        mostly(NEW, OLD, null),
        fc.integer({ min: -ADDRESS_KEPT, max: ADDRESS_KEPT }),
        (changed, settledAt, runs, gap) => {
          const record = { ...IN_SYNC, ...changed }
          const bot = { ...newBot('shop', 'pod-1'), settledAt, provenAt: START, processes: [record] }
          const entry = { ...entryOf(record), bot: { ...BOT, fields: bot } }
          if (!isRepeat(entry, poll(runs), HEARD + gap)) return
          repeats++
          const expected = { ...bot, processes: [hearRepeat(record, HEARD + gap)] }
          expect(reduceBot(bot, poll(runs), HEARD + gap)).to.deep.equal({ bot: expected, events: [] })
        },
      ),
    )
    expect(repeats).to.be.at.least(10)
  })
})
