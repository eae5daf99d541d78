import { expect } from 'chai'
import type { StoreCall } from '../../server/blobs/store-observer.ts'
import { storeFailureOf } from '../../server/blobs/store-observer.ts'
import { StoreWatch } from '../../server/blobs/store-watch.ts'
import {
  BucketFull,
  ObjectChanged,
  ObjectNotFound,
  StoreFailed,
  StoreFull,
  StoreMisconfigured,
  StoreUnavailable,
} from '../../storage/object-store.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const away = new StoreUnavailable('nobody answers')

describe('StoreWatch', () => {
  /** A watch over a store whose probes go as `probe` says; and what it told. */
  const aWatch = (probe: (count: number) => Promise<void>, timings = { firstPause: 1, longestPause: 4 }) => {
    const told: unknown[] = []
    let probes = 0
    const watch = new StoreWatch(
      { probe: () => probe(++probes) },
      { onChange: (failure) => told.push(failure), timings },
    )
    afterThisTest(() => {
      watch.stop()
    })
    const end = (call: StoreCall, error?: Error): void => {
      watch.callEnded(call, 0, error && storeFailureOf(error))
    }
    return { told, end, watch, probes: () => probes }
  }
  const never = (): Promise<void> => new Promise(() => undefined)

  for (const [call, error] of [
    ['open', away],
    ['swap', new StoreMisconfigured('the rights were taken away')],
    ['commit', new BucketFull('no more')],
    ['commit', new StoreFailed('the sync failed')],
  ] as const) {
    it(`says that the store cannot be used where ${call} ends in ${error.name}`, () => {
      const { told, end } = aWatch(never)
      end(call, error)
      expect(told).to.deep.equal([error])
    })
  }

  for (const [call, error] of [
    ['open', new ObjectNotFound('a')],
    ['open', new ObjectChanged('a')],
    ['read', new StoreFailed('one object is damaged')],
    ['commit', new StoreFull('the disk here')],
    ['open', undefined],
  ] as const) {
    it(`says nothing where ${call} ends in ${error?.message ?? 'success'}`, () => {
      const { told, end } = aWatch(never)
      end(call, error)
      expect(told).to.deep.equal([])
    })
  }

  it('asks again until the store answers, and says so once', async () => {
    const { told, end, probes } = aWatch((count) => (count < 4 ? Promise.reject(away) : Promise.resolve()))
    end('open', away)
    end('stat', away)
    await eventually('it answers', () => told.length === 2)
    expect(told).to.deep.equal([away, undefined])
    expect(probes()).to.equal(4)
  })

  it('takes a commit for an answer, but no read: it is writing that may not work', () => {
    const { told, end } = aWatch(never)
    end('commit', away)
    end('open')
    expect(told).to.deep.equal([away])
    end('commit')
    expect(told).to.deep.equal([away, undefined])
    end('commit')
    expect(told).to.have.length(2)
  })

  it('says so again where the store fails again', async () => {
    const { told, end } = aWatch(() => Promise.resolve())
    end('open', away)
    await eventually('it answers', () => told.length === 2)
    end('open', away)
    await eventually('it answers again', () => told.length === 4)
    expect(told).to.deep.equal([away, undefined, away, undefined])
  })

  it('asks nothing any more once it was stopped', async () => {
    const { end, watch, probes, told } = aWatch(never)
    end('open', away)
    await eventually('it asks', () => probes() === 1)
    watch.stop()
    end('open', away)
    expect([probes(), told.length]).to.deep.equal([1, 1])
  })

  it('says that a store is away once a probe has failed, too: before it may have failed once, or be slow', async () => {
    const { end, probes, watch } = aWatch(() => Promise.reject(away))
    expect(await watch.isAway()).to.equal(false)
    end('commit', away)
    expect(await watch.isAway()).to.equal(false)
    await eventually('a probe failed', () => probes() > 1)
    expect(await watch.isAway()).to.equal(true)
  })

  it('asks a store that was away at once where somebody wants to know, and says that it is back', async () => {
    let isBack = false
    // The second pause is longer than anybody waits for the answer.
    const pauses = { firstPause: 1_600, longestPause: 3_600_000 }
    const probe = () => (isBack ? Promise.resolve() : Promise.reject(away))
    const { end, probes, told, watch } = aWatch(probe, pauses)
    end('commit', away)
    await eventually('a probe failed', () => probes() === 1)
    isBack = true
    expect(await watch.isAway()).to.equal(false)
    expect(told).to.deep.equal([away, undefined])
  }).timeout(30_000)

  it('asks no more seldom by itself because somebody wanted to know: it would learn late that the store is back', async () => {
    const { end, probes, watch } = aWatch(() => Promise.reject(away), {
      firstPause: 20,
      longestPause: 3_600_000,
    })
    end('commit', away)
    await eventually('a probe failed', () => probes() > 0)
    for (let asked = 0; asked < 15; asked++) expect(await watch.isAway()).to.equal(true)
    const before = probes()
    await eventually('it asks by itself', () => probes() > before)
  })
})
