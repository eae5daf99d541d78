import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { Bucket } from '../../storage/bucket/bucket.ts'
import { partsOf } from '../../storage/bucket/upload-parts.ts'
import { BucketStore } from '../../storage/bucket/bucket-store.ts'
import { ObjectChanged, StoreMisconfigured, StoreUnavailable } from '../../storage/object-store.ts'
import { defaultRetryPolicy } from '../../storage/bucket/retry-policy.ts'
import { partSize, sharedPartBuffers } from '../../storage/bucket/part-buffers.ts'
import { Spool } from '../../storage/bucket/spool.ts'
import { errorOf, getBytes, listKeys, putBytes, someBytes } from '../contracts/object-bytes.ts'
import { describeObjectStore } from '../contracts/object-store.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { memoryBucket } from './memory-bucket.ts'

async function openIn(bucket: Bucket, folder = ''): Promise<{ store: BucketStore; spool: string }> {
  const spool = path.join(await temporaryDirectory(), 'spool')
  return {
    store: new BucketStore(bucket, { folder, spool: new Spool(spool), retryPolicy: defaultRetryPolicy }),
    spool,
  }
}

for (const createsOnce of [true, false, undefined]) {
  const how = { true: 'creates once', false: 'ignores the condition', undefined: 'refuses the condition' }
  describeObjectStore(`BucketStore where the server ${how[`${createsOnce}`]}`, async () => {
    const { store } = await openIn(memoryBucket(createsOnce), 'bots/one')
    await store.probe()
    return { store }
  })
}

describe('BucketStore', () => {
  it('learns by its probe whether the server creates once, and leaves nothing behind', async () => {
    for (const createsOnce of [true, false, undefined]) {
      const bucket = memoryBucket(createsOnce)
      const { store } = await openIn(bucket)
      expect(store.createsOnce).to.equal(undefined)
      await store.probe()
      expect(store.createsOnce).to.equal(createsOnce === true)
      expect((await bucket.list('', undefined, AbortSignal.timeout(1000))).objects).to.deep.equal([])
    }
  })

  it('creates once among its own writers where the server refuses the condition, without a probe too', async () => {
    const { store } = await openIn(memoryBucket(undefined))
    const contents = Array.from({ length: 8 }, (_, index) => Buffer.from(`writer ${index}`))
    const outcomes = await Promise.all(contents.map((bytes) => putBytes(store, 'a', bytes)))
    expect(outcomes.filter((outcome) => outcome === 'created')).to.have.length(1)
    expect(await getBytes(store, 'a')).to.deep.equal(contents[outcomes.indexOf('created')])
  })

  it('reads parts of a large object side by side where its size is known, and joins them in order', async () => {
    const bytes = someBytes(5 * partSize + 17)
    const bucket = memoryBucket(true)
    const asked: string[] = []
    let open = 0
    let mostOpen = 0
    const watched: Bucket = {
      ...bucket,
      get: async (key, options, signal) => {
        const { start = 0, length = 0 } = options.range ?? {}
        asked.push(
          `${start / partSize}+${length / partSize} ${options.ifVersion === undefined ? 'any' : 'same'}`,
        )
        open += 1
        mostOpen = Math.max(mostOpen, open)
        const download = await bucket.get(key, options, signal)
        download.body.once('close', () => (open -= 1))
        return download
      },
    }
    const { store } = await openIn(watched)
    await putBytes(store, 'a', bytes)
    expect((await getBytes(store, 'a', { expectedSize: bytes.byteLength })).equals(bytes)).to.equal(true)
    expect(asked.slice(0, 5)).to.deep.equal(['0+1 any', '1+1 same', '2+1 same', '3+1 same', '4+1 same'])
    expect(mostOpen).to.be.within(2, 4)
    expect(open).to.equal(0)

    const range = { start: partSize + 3, length: 2 * partSize + 5 }
    const part = await getBytes(store, 'a', { range, expectedSize: bytes.byteLength })
    expect(part.equals(bytes.subarray(range.start, range.start + range.length))).to.equal(true)
    expect((await getBytes(store, 'a', { expectedSize: 3 * partSize })).equals(bytes)).to.equal(true)
  })

  it('gives all its memory back where a part is missing, or the reader leaves', async () => {
    const bytes = someBytes(4 * partSize)
    const bucket = memoryBucket(true)
    let replace = false
    const changing: Bucket = {
      ...bucket,
      get: (key, options, signal) =>
        replace && (options.range?.start ?? 0) >= 2 * partSize
          ? Promise.reject(new ObjectChanged(key))
          : bucket.get(key, options, signal),
    }
    const { store } = await openIn(changing)
    await putBytes(store, 'a', bytes)
    const left = await store.open('a', { expectedSize: bytes.byteLength })
    await left.chunks[Symbol.asyncIterator]().next()
    await left.close()
    replace = true
    expect(await errorOf(getBytes(store, 'a', { expectedSize: bytes.byteLength }))).to.be.instanceOf(
      ObjectChanged,
    )
    await eventually('all memory is free', () => {
      const buffers = [1, 2, 3, 4].map(() => sharedPartBuffers.takeNow(partSize))
      for (const buffer of buffers) buffer?.release()
      return buffers.every((buffer) => buffer !== undefined)
    })
  })

  it('goes on where a body ends early as if it were whole, and throws where all do', async () => {
    const bucket = memoryBucket(true)
    let cuts = 2
    const cutting: Bucket = {
      ...bucket,
      get: async (...given) => {
        const { stat, body } = await bucket.get(...given)
        return { stat, body: cuts-- > 0 ? body.take(1) : body }
      },
    }
    const { store } = await openIn(cutting)
    const bytes = Buffer.alloc(300_000, 'archive')
    await putBytes(store, 'a', bytes)
    expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)

    const silent: Bucket = {
      ...bucket,
      get: async (...given) => ({ ...(await bucket.get(...given)), body: Readable.from([]) }),
    }
    expect(await errorOf(getBytes((await openIn(silent)).store, 'a'))).to.be.instanceOf(StoreUnavailable)
  })

  it('sees nothing outside its folder', async () => {
    const bucket = memoryBucket(true)
    const { store: outer } = await openIn(bucket)
    const { store: inner } = await openIn(bucket, 'bots/one')
    await putBytes(outer, 'bots/one/a', Buffer.from('inside'))
    await putBytes(outer, 'bots/one-more', Buffer.from('outside'))
    expect(await listKeys(inner, '')).to.deep.equal(['a'])
    expect((await getBytes(inner, 'a')).toString()).to.equal('inside')
    expect((await errorOf(inner.open('b'))).message).to.equal('there is no object "b"')
  })

  it('sweeps its spool, but for what is being written', async () => {
    const { store, spool } = await openIn(memoryBucket(true))
    const staged = await store.stage()
    await writeFile(path.join(spool, 'left-over'), 'half an archi')
    expect(await store.sweep()).to.equal(1)
    await staged.discard()
  })

  it('reads without a spool, and says what writing needs', async () => {
    const bucket = memoryBucket(true)
    await putBytes((await openIn(bucket)).store, 'a', Buffer.from('x'))
    const reader = new BucketStore(bucket, { folder: '', spool: undefined, retryPolicy: defaultRetryPolicy })
    await reader.probe()
    expect((await getBytes(reader, 'a')).toString()).to.equal('x')
    expect(await errorOf(reader.stage())).to.be.instanceOf(StoreMisconfigured)
  })
})

describe('partsOf', () => {
  it('covers every byte once, in few enough parts', () => {
    for (const size of [8 * 1024 * 1024 + 1, 300_000_000, 5 * 1024 ** 4]) {
      const parts = partsOf(size, 9000)
      expect(parts.length).to.be.at.most(9000)
      let end = 0
      for (const part of parts) {
        expect(part.start).to.equal(end)
        end += part.length
      }
      expect(end).to.equal(size)
    }
  })
})
