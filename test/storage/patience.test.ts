import { expect } from 'chai'
import { StoreFailed, StoreUnavailable } from '../../storage/object-store.ts'
import type { Patience } from '../../storage/bucket/patience.ts'
import { attempt } from '../../storage/bucket/patience.ts'
import { errorOf } from '../contracts/object-bytes.ts'

const patience: Patience = { attempts: 3, firstPause: 1, longestPause: 2, answer: 20, stall: 20 }

describe('attempt', () => {
  it('tries again while the store is unavailable, and gives what came at last', async () => {
    let attempts = 0
    const result = await attempt(patience, () => {
      attempts += 1
      return attempts < 3 ? Promise.reject(new StoreUnavailable('busy')) : Promise.resolve('here')
    })
    expect(result).to.equal('here')
  })

  it('gives up after as many attempts as there are', async () => {
    let attempts = 0
    const error = await errorOf(
      attempt(patience, () => {
        attempts += 1
        return Promise.reject(new StoreUnavailable(`busy ${attempts}`))
      }),
    )
    expect(error.message).to.equal('busy 3')
  })

  it('does not repeat what cannot get better', async () => {
    let attempts = 0
    const error = await errorOf(
      attempt(patience, () => {
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
      attempt(patience, async (signal) => {
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

  it('stops for a caller who leaves, with the reason, during an attempt or a pause', async () => {
    for (const slow of [
      { ...patience, answer: 60_000 },
      { ...patience, firstPause: 60_000, longestPause: 60_000 },
    ]) {
      const leaving = new AbortController()
      const reason = new Error('the caller left')
      const trying = errorOf(
        attempt(
          slow,
          (signal) =>
            slow.answer > 1000
              ? new Promise((_, reject) => {
                  signal.addEventListener('abort', () => {
                    reject(new Error('aborted'))
                  })
                })
              : Promise.reject(new StoreUnavailable('busy')),
          { signal: leaving.signal },
        ),
      )
      setTimeout(() => {
        leaving.abort(reason)
      }, 5)
      expect(await trying).to.equal(reason)
    }
  })
})
