import { expect } from 'chai'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { StoreFailed, StoreUnavailable } from '../../storage/object-store.ts'
import type { RetryPolicy } from '../../storage/bucket/retry-policy.ts'
import { withRetries } from '../../storage/bucket/with-retries.ts'
import { errorOf } from '../contracts/object-bytes.ts'

const retryPolicy: RetryPolicy = {
  attempts: 3,
  firstPause: 1,
  longestPause: 2,
  answerTimeout: 20,
  stallTimeout: 20,
  uploadRetryTime: 50,
}

describe('attempt', () => {
  it('tries again while the store is unavailable, and gives what came at last', async () => {
    let attempts = 0
    const result = await withRetries(retryPolicy, () => {
      attempts += 1
      return attempts < 3 ? Promise.reject(new StoreUnavailable('busy')) : Promise.resolve('here')
    })
    expect(result).to.equal('here')
  })

  it('gives up after as many attempts as there are', async () => {
    let attempts = 0
    const error = await errorOf(
      withRetries(retryPolicy, () => {
        attempts += 1
        return Promise.reject(new StoreUnavailable(`busy ${attempts}`))
      }),
    )
    expect(error.message).to.equal('busy 3')
  })

  it('does not repeat what cannot get better', async () => {
    let attempts = 0
    const error = await errorOf(
      withRetries(retryPolicy, () => {
        attempts += 1
        return Promise.reject(new StoreFailed('broken'))
      }),
    )
    expect(error.message).to.equal('broken')
    expect(attempts).to.equal(1)
  })

  it('ends an attempt that is not answered in time, and calls that unavailable', async () => {
    const endings: boolean[] = []
    const error = await errorOf(
      withRetries(retryPolicy, async (signal) => {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
        endings.push(signal.aborted)
        throw new Error('aborted')
      }),
    )
    expect(error).to.be.instanceOf(StoreUnavailable)
    expect(endings).to.deep.equal([true, true, true])
  })

  it('waits for a long work in one attempt, and for all attempts at it no longer than for others', async () => {
    const policy = { ...retryPolicy, answerTimeout: 20, uploadRetryTime: 100 }
    let attempts = 0
    const stalled = async (signal: AbortSignal): Promise<void> => {
      attempts += 1
      await once(signal, 'abort')
      signal.throwIfAborted()
    }
    const options = { retryTime: policy.uploadRetryTime, isLongWork: true }
    expect(await errorOf(withRetries(policy, stalled, options))).to.be.instanceOf(StoreUnavailable)
    expect(attempts).to.equal(1)
    expect(await withRetries(policy, () => setTimeout(60, 'joined'), options)).to.equal('joined')
  })

  it('goes on while something of others moves, waiting longer each time, and gives up when nothing does', async () => {
    const policy = { ...retryPolicy, answerTimeout: 20, uploadRetryTime: 200 }
    let movedAt = performance.now()
    const begun: number[] = []
    const stalled = async (signal: AbortSignal): Promise<void> => {
      begun.push(performance.now())
      // Others move until the fourth attempt.
      if (begun.length <= 4) movedAt = performance.now()
      await once(signal, 'abort')
      signal.throwIfAborted()
    }
    const options = { retryTime: policy.uploadRetryTime, othersMovedAt: () => movedAt }
    expect(await errorOf(withRetries(policy, stalled, options))).to.be.instanceOf(StoreUnavailable)
    expect(performance.now() - movedAt).to.be.at.least(policy.uploadRetryTime - 1)
    const [first = 0, second = 0, third = 0, fourth = 0] = begun
    expect(second - first).to.be.at.least(19)
    expect(third - second).to.be.at.least(39)
    expect(fourth - third).to.be.at.least(79)
  })

  it('gives up after ten times its time, however much others move', async () => {
    const policy = { ...retryPolicy, answerTimeout: 5, uploadRetryTime: 10 }
    const begun = performance.now()
    const failing = withRetries(policy, () => Promise.reject(new StoreUnavailable('busy')), {
      retryTime: policy.uploadRetryTime,
      othersMovedAt: () => performance.now(),
    })
    expect(await errorOf(failing)).to.be.instanceOf(StoreUnavailable)
    expect(performance.now() - begun).to.be.at.least(99)
  })

  it('stops for a caller who leaves, with the reason, during an attempt or a pause', async () => {
    for (const slow of [
      { ...retryPolicy, answerTimeout: 60_000 },
      { ...retryPolicy, firstPause: 60_000, longestPause: 60_000 },
    ]) {
      const leaving = new AbortController()
      const reason = new Error('the caller left')
      const trying = errorOf(
        withRetries(
          slow,
          (signal) =>
            slow.answerTimeout > 1000
              ? new Promise((_, reject) => {
                  signal.addEventListener('abort', () => {
                    reject(new Error('aborted'))
                  })
                })
              : Promise.reject(new StoreUnavailable('busy')),
          { signal: leaving.signal },
        ),
      )
      void setTimeout(5).then(() => {
        leaving.abort(reason)
      })
      expect(await trying).to.equal(reason)
    }
  })
})
