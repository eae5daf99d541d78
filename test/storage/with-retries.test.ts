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
