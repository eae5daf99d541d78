import { expect } from 'chai'
import { setTimeout } from 'node:timers/promises'
import type { UploadSource } from '../../storage/bucket/bucket.ts'
import { PartBuffers, partSize, type PartBuffer } from '../../storage/bucket/part-buffers.ts'
import { partsOf, uploadParts } from '../../storage/bucket/upload-parts.ts'
import { defaultRetryPolicy } from '../../storage/bucket/retry-policy.ts'
import { withRetries } from '../../storage/bucket/with-retries.ts'
import { StoreUnavailable } from '../../storage/object-store.ts'
import { errorOf } from '../contracts/object-bytes.ts'

describe('uploadParts', () => {
  const size = 9 * partSize + 5

  it('sends every part once, no more than the shared memory holds at the same time, in the order of results', async () => {
    let busyBytes = 0
    let mostBytes = 0
    const lengths = await uploadParts(source(size), partsOf(size, 100), {}, async ({ bytes }, index) => {
      busyBytes += bytes.byteLength
      mostBytes = Math.max(mostBytes, busyBytes)
      await setTimeout(10 - index)
      busyBytes -= bytes.byteLength
      expect(bytes[0]).to.equal(index)
      return bytes.byteLength
    })
    expect(lengths).to.deep.equal([...Array.from({ length: 9 }, () => partSize), 5])
    expect(mostBytes).to.be.at.most(4 * partSize)
  })

  it('shares the memory among all uploads of the process', async () => {
    let busyBytes = 0
    let mostBytes = 0
    const upload = (): Promise<unknown> =>
      uploadParts(source(size), partsOf(size, 100), {}, async ({ bytes }) => {
        busyBytes += bytes.byteLength
        mostBytes = Math.max(mostBytes, busyBytes)
        await setTimeout(2)
        busyBytes -= bytes.byteLength
      })
    await Promise.all(Array.from({ length: 8 }, upload))
    expect(mostBytes).to.be.at.most(4 * partSize)
  })

  it('ends the other parts once one failed, begins nothing new, and gives the memory back', async () => {
    const begun: number[] = []
    const failing = uploadParts(source(size), partsOf(size, 100), {}, async (_, index, signal) => {
      begun.push(index)
      if (index === 0) throw new Error('the first')
      signal.throwIfAborted()
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error)
        })
      })
    })
    expect((await errorOf(failing)).message).to.equal('the first')
    expect(begun.length).to.be.at.most(4)
    expect(await uploadParts(source(4), partsOf(4, 1), {}, () => Promise.resolve('sent'))).to.deep.equal([
      'sent',
    ])
  })
})

describe('waiting for memory of parts', () => {
  const timeout = 60

  it('is given up where nothing of any part is taken for so long', async () => {
    const buffers = new PartBuffers(partSize)
    const taken = await buffers.take(partSize)
    const begun = performance.now()
    const error = await errorOf(buffers.take(partSize, { timeout }))
    expect(error).to.be.instanceOf(StoreUnavailable)
    expect(performance.now() - begun).to.be.at.least(timeout - 1)
    taken.release(false)
    const next = await buffers.take(partSize, { timeout })
    next.release()
  })

  it('goes on while something of others is taken, and counts for the part that waited', async () => {
    const buffers = new PartBuffers(partSize)
    const taken = await buffers.take(partSize)
    const progressing = setInterval(taken.onProgress, 5)
    const begun = performance.now()
    void setTimeout(3 * timeout).then(() => {
      clearInterval(progressing)
      taken.release(false)
    })
    const { idleSince } = await buffers.take(partSize, { timeout })
    expect(idleSince).to.be.within(begun + timeout, performance.now())
  })

  it('is no second time to wait for a store that stalls', async () => {
    const buffers = new PartBuffers(partSize)
    const taken = await buffers.take(partSize)
    const waiting = buffers.take(partSize, { timeout: 10_000 })
    const waits = performance.now()
    await setTimeout(20)
    taken.release(false)
    const { idleSince } = await waiting
    expect(idleSince).to.be.at.most(waits)
    let attempts = 0
    const sending = withRetries(
      defaultRetryPolicy,
      () => {
        attempts += 1
        return Promise.reject(new StoreUnavailable('busy'))
      },
      { idleSince: performance.now() - 5_000, retryTime: 5_000 },
    )
    expect(await errorOf(sending)).to.be.instanceOf(StoreUnavailable)
    expect(attempts).to.equal(1)
  })

  it('ends for a caller who leaves, and lets the next one have its turn', async () => {
    const buffers = new PartBuffers(partSize)
    const taken = await buffers.take(5)
    const leaving = new AbortController()
    const large = errorOf(buffers.take(partSize, { signal: leaving.signal }))
    const small = buffers.take(5)
    leaving.abort(new Error('the caller left'))
    expect((await large).message).to.equal('the caller left')
    ;(await small).release()
    taken.release()
  })
})

describe('memory of parts', () => {
  const budget = 4 * partSize
  const total = (taken: readonly PartBuffer[]) =>
    taken.reduce((bytes, { bytes: { buffer } }) => bytes + buffer.byteLength, 0)
  const takeAll = (buffers: PartBuffers, length: number): PartBuffer[] => {
    const taken: PartBuffer[] = []
    for (let next = buffers.takeNow(length); next !== undefined; next = buffers.takeNow(length))
      taken.push(next)
    return taken
  }

  for (const length of [1024 * 1024, 1024 * 1024 + 1, partSize - 1, partSize]) {
    it(`stays within the budget where all parts have ${length} bytes`, () => {
      expect(total(takeAll(new PartBuffers(budget), length))).to.be.at.most(budget)
    })
  }

  it('is used again, whichever length the next part has', () => {
    const buffers = new PartBuffers(budget)
    const first = takeAll(buffers, partSize)
    for (const buffer of first) buffer.release()
    const known = new Set(first.map(({ bytes }) => bytes.buffer))
    const second = takeAll(buffers, 2 * 1024 * 1024)
    expect(second.map(({ bytes }) => known.has(bytes.buffer))).to.deep.equal([true, true, true, true])
  })
})

/** A source whose every part begins with its number. */
function source(size: number): UploadSource {
  return {
    size,
    readInto: (into, start) => {
      into[0] = start / partSize
      return Promise.resolve()
    },
  }
}
