import { expect } from 'chai'
import { once } from 'node:events'
import { ObservedStore } from '../../server/blobs/observed-store.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { ObjectNotFound, StoreFailed, StoreUnavailable } from '../../storage/object-store.ts'
import { collect, errorOf, getBytes, putBytes } from '../contracts/object-bytes.ts'
import { describeObjectStore } from '../contracts/object-store.ts'
import { FailingReads } from '../support/failing-reads.ts'

describe('ObservedStore', () => {
  describeObjectStore('observed', () =>
    Promise.resolve({ store: new ObservedStore(new MemoryStore(), { callEnded: () => undefined }) }),
  )

  /** A store in memory, and what was heard of it: calls, with the kind of failure. */
  const observed = () => {
    const heard: string[] = []
    const inner = new FailingReads()
    const store = new ObservedStore(inner, {
      callEnded: (call, seconds, failure) => {
        heard.push([call, seconds === undefined ? 'untimed' : 'timed', failure?.kind ?? 'ok'].join(' '))
      },
    })
    return { store, inner, heard }
  }

  it('tells of calls when they have ended', async () => {
    const { store, heard } = observed()
    await putBytes(store, 'a', Buffer.from('abc'))
    await getBytes(store, 'a')
    await store.stat('a')
    await store.delete('a')
    expect(heard).to.deep.equal(['commit timed ok', 'open timed ok', 'stat timed ok', 'delete timed ok'])
  })

  it('tells of failures, also in the middle of a body', async () => {
    const { store, inner, heard } = observed()
    await putBytes(store, 'a', Buffer.from('abc'))
    inner.onRead = { afterBytes: 1, error: new StoreFailed('cut short') }
    await errorOf(collect((await store.open('a')).chunks))
    inner.onOpen = new StoreUnavailable('away')
    await errorOf(store.open('a'))
    expect(heard.slice(1)).to.deep.equal(['open timed ok', 'read untimed failed', 'open timed unavailable'])
  })

  it('takes it for no failure where nothing is there, or the caller left', async () => {
    const { store, inner, heard } = observed()
    expect(await errorOf(store.open('none'))).to.be.instanceOf(ObjectNotFound)
    inner.onOpen = new Error('the caller left')
    await errorOf(store.open('a', { signal: AbortSignal.abort(inner.onOpen) }))
    expect(heard).to.deep.equal(['open timed ok'])
  })

  it('takes it for an outage where the time of a caller is up', async () => {
    const { store, inner, heard } = observed()
    const signal = AbortSignal.timeout(1)
    await once(signal, 'abort')
    inner.onOpen = signal.reason as Error
    await errorOf(store.open('a', { signal }))
    expect(heard).to.deep.equal(['open timed unavailable'])
  })
})
