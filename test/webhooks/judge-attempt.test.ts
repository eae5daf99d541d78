import { expect } from 'chai'
import fc from 'fast-check'
import {
  judgeAttempt,
  LONGEST_PAUSE,
  GIVE_UP_AFTER,
  retryPause,
} from '../../server/webhooks/judge-attempt.ts'
import type { AttemptResult } from '../../server/webhooks/webhook-sender.ts'

const NOW = 1_800_000_000_000

const refused = (status: number, retryAfter: number | null = null): AttemptResult => {
  return { kind: 'failed', status, reason: `was answered ${status}`, retryAfter }
}

function judge(
  result: AttemptResult,
  { failures = 0, attempts = failures, age = 0 }: { failures?: number; attempts?: number; age?: number } = {},
) {
  const queue = { failures, failingSince: failures === 0 ? null : NOW - 1000 }
  return judgeAttempt(queue, { attempts, queuedAt: NOW - age }, result, NOW, 0.5)
}

describe('the pause before a message is sent again', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  it('lies between half and all of a span that doubles from 5 s to half an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), random, (failures, chance) => {
        const span = failures > 10 ? LONGEST_PAUSE : Math.min(5_000 * 2 ** (failures - 1), LONGEST_PAUSE)
        expect(retryPause(failures, chance)).to.be.within(span / 2, span)
      }),
    )
  })

  it('never shrinks with further failures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), random, (failures, chance) => {
        expect(retryPause(failures + 1, chance)).to.be.at.least(retryPause(failures, chance))
      }),
    )
  })

  it('differs for receivers that failed together', () => {
    expect(retryPause(5, 0.1)).to.not.equal(retryPause(5, 0.9))
  })
})

describe('what follows from an attempt', () => {
  it('is that the next goes at once where it was taken', () => {
    const { state, queue } = judge({ kind: 'accepted', status: 204 }, { failures: 7 })
    expect({ state, queue }).to.deep.equal({
      state: 'delivered',
      queue: { failures: 0, failingSince: null, nextAt: NOW, error: null },
    })
  })

  it('is a pause where it failed, with why and since when', () => {
    const { state, queue } = judge(refused(503), { failures: 1 })
    expect(state).to.equal('waiting')
    expect(queue).to.deep.equal({
      failures: 2,
      failingSince: NOW - 1000,
      error: 'was answered 503',
      nextAt: NOW + retryPause(2, 0.5),
    })
  })

  it('is the pause that the receiver asked for, up to half an hour', () => {
    expect(judge(refused(429, 60_000)).queue.nextAt).to.equal(NOW + 60_000)
    expect(judge(refused(429, 86_400_000)).queue.nextAt).to.equal(NOW + LONGEST_PAUSE)
  })

  it('is that it is given up after three days, with all that waited as long behind it', () => {
    expect(judge(refused(503), { failures: 100, age: GIVE_UP_AFTER - 1 }).state).to.equal('waiting')
    const late = judge(refused(503), { failures: 100, age: GIVE_UP_AFTER })
    expect([late.state, late.giveUpBefore]).to.deep.equal(['dead', NOW - GIVE_UP_AFTER])
  })

  it('is that a message which the receiver does not take keeps others waiting for three attempts only', () => {
    expect(judge(refused(400), { attempts: 1 }).state).to.equal('waiting')
    const third = judge(refused(400), { attempts: 2, failures: 2 })
    expect([third.state, third.queue.nextAt]).to.deep.equal(['dead', NOW])
    expect(judge(refused(404), { attempts: 9 }).state).to.equal('waiting')
  })

  it('is that the webhook is disabled where the receiver is gone, and nothing is dropped', () => {
    const { state, disabledReason } = judge(refused(410))
    expect(state).to.equal('waiting')
    expect(disabledReason).to.include('410')
  })
})
