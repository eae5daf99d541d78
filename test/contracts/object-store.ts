import { expect } from 'chai'
import type { ObjectStore } from '../../storage/object-store.ts'
import { ObjectChanged, ObjectNotFound } from '../../storage/object-store.ts'
import {
  collect,
  errorOf,
  getBytes,
  listKeys,
  putBytes,
  sha256,
  someBytes,
  stageBytes,
} from './object-bytes.ts'

/** What differs between stores in how hard they are pressed. */
export interface ObjectStoreTrials {
  /** Objects to list: more than a page where the store has pages. */
  many?: number
  /** Bytes of the largest object; beyond the size of one part where the store uploads in parts. */
  large?: number
}

const MiB = 1024 * 1024

/**
 * Every promise of the port {@link ObjectStore}, held by every store.
 *
 * @param make gives an empty store for one test, and has it closed after
 */
export function describeObjectStore(
  name: string,
  make: () => Promise<{ store: ObjectStore }>,
  { many = 50, large }: ObjectStoreTrials = {},
): void {
  describe(`${name} as an object store`, () => {
    let store: ObjectStore

    beforeEach(async () => {
      store = (await make()).store
    })

    it('says where it is', () => {
      expect(store.description).to.match(/\S/)
    })

    it('answers a probe', async () => {
      await store.probe()
    })

    describe('staging and committing', () => {
      for (const size of [0, 1, 65_536, 5 * MiB - 1, 5 * MiB, 5 * MiB + 1, ...(large ? [large] : [])]) {
        it(`gives back ${size} bytes as they were put`, async () => {
          const bytes = someBytes(size)
          expect(await putBytes(store, 'sha256/ab/object', bytes)).to.equal('created')
          const object = await store.open('sha256/ab/object')
          expect(object.size).to.equal(size)
          expect(sha256(await collect(object.chunks))).to.equal(sha256(bytes))
          await object.close()
          const whole = await store.open('sha256/ab/object', { expectedSize: size })
          expect(sha256(await collect(whole.chunks)), 'as fast as it comes').to.equal(sha256(bytes))
          await whole.close()
        }).timeout(size > 64 * MiB ? 300_000 : 30_000)
      }

      it('shows nothing before commit', async () => {
        const staged = await stageBytes(store, someBytes(1000))
        expect(await listKeys(store, '')).to.deep.equal([])
        await staged.discard()
      })

      it('counts what was written and reads it back', async () => {
        const bytes = someBytes(700_001)
        const staged = await stageBytes(store, bytes)
        expect(staged.size).to.equal(bytes.byteLength)
        expect((await collect(staged.read())).equals(bytes)).to.equal(true)
        await staged.discard()
      })

      it('may be written to after being read back', async () => {
        const staged = await stageBytes(store, Buffer.from('one'))
        await collect(staged.read())
        await staged.write(Buffer.from(' two'))
        await staged.commit('a', { sha256: sha256(Buffer.from('one two')), ifExists: 'keep' })
        expect((await getBytes(store, 'a')).toString()).to.equal('one two')
      })

      it('leaves nothing of what was discarded, however often', async () => {
        const staged = await stageBytes(store, someBytes(1000))
        await staged.discard()
        await staged.discard()
        expect(await listKeys(store, '')).to.deep.equal([])
      })

      it('keeps the object that is there, and says so', async () => {
        await putBytes(store, 'a', Buffer.from('first'))
        expect(await putBytes(store, 'a', Buffer.from('second'))).to.equal('exists')
        expect((await getBytes(store, 'a')).toString()).to.equal('first')
      })

      it('replaces the object that is there where asked to', async () => {
        await putBytes(store, 'a', Buffer.from('first'))
        const before = await store.stat('a')
        expect(await putBytes(store, 'a', Buffer.from('other'), 'replace')).to.equal('created')
        expect((await getBytes(store, 'a')).toString()).to.equal('other')
        expect((await store.stat('a'))?.version).not.to.equal(before?.version)
      })

      it('has one winner where 16 create the same object at once', async () => {
        const contents = Array.from({ length: 16 }, (_, index) => Buffer.from(`writer ${index}`))
        const outcomes = await Promise.all(contents.map((bytes) => putBytes(store, 'folder/raced', bytes)))
        expect(outcomes.filter((outcome) => outcome === 'created')).to.have.length(1)
        expect(await getBytes(store, 'folder/raced')).to.deep.equal(contents[outcomes.indexOf('created')])
      })

      it('ends with one of the objects where 8 replace the same at once', async () => {
        const contents = Array.from({ length: 8 }, (_, index) => Buffer.from(`writer ${index}`))
        await Promise.all(contents.map((bytes) => putBytes(store, 'raced', bytes, 'replace')))
        expect(contents.map(String)).to.include((await getBytes(store, 'raced')).toString())
      })

      it('swaps an object that is as expected, and tells the version that is there then', async () => {
        const first = await store.swap('folder/swapped', Buffer.from('one'), null)
        const second = await store.swap('folder/swapped', Buffer.from('two'), first)
        expect((await getBytes(store, 'folder/swapped')).toString()).to.equal('two')
        expect((await store.stat('folder/swapped'))?.version).to.equal(second)
        expect(second).not.to.equal(first)
      })

      it('swaps nothing where another version is there, or none, or one where none is expected', async () => {
        const first = await store.swap('swapped', Buffer.from('one'), null)
        await store.swap('swapped', Buffer.from('two'), first)
        expect(await errorOf(store.swap('swapped', Buffer.from('three'), first))).to.be.instanceOf(
          ObjectChanged,
        )
        expect(await errorOf(store.swap('swapped', Buffer.from('three'), null))).to.be.instanceOf(
          ObjectChanged,
        )
        expect(await errorOf(store.swap('gone', Buffer.from('x'), first))).to.be.instanceOf(ObjectChanged)
        expect((await getBytes(store, 'swapped')).toString()).to.equal('two')
        expect(await store.stat('gone')).to.equal(undefined)
      })

      it('has one winner where 16 swap the same object at once', async () => {
        const first = await store.swap('raced', Buffer.from('first'), null)
        const contents = Array.from({ length: 16 }, (_, index) => Buffer.from(`writer ${index}`))
        const outcomes = await Promise.all(
          contents.map((bytes) =>
            store.swap('raced', bytes, first).then(
              () => bytes,
              () => undefined,
            ),
          ),
        )
        const winners = outcomes.filter((outcome) => outcome !== undefined)
        expect(winners).to.have.length(1)
        expect(await getBytes(store, 'raced')).to.deep.equal(winners[0])
      })

      it('commits nothing once the signal is aborted', async () => {
        const staged = await stageBytes(store, Buffer.from('x'))
        const reason = new Error('the caller left')
        const signal = AbortSignal.abort(reason)
        const options = { sha256: sha256(Buffer.from('x')), ifExists: 'keep', signal } as const
        expect(await errorOf(staged.commit('a', options))).to.equal(reason)
        await staged.discard()
        expect(await store.stat('a')).to.equal(undefined)
      })

      it('refuses a key that not every store can hold', async () => {
        for (const key of ['', '/a', 'a/', 'a//b', '../a', 'a/./b', 'a\0b', 'x'.repeat(256)]) {
          const staged = await stageBytes(store, Buffer.from('x'))
          const error = await errorOf(
            staged.commit(key, { sha256: sha256(Buffer.from('x')), ifExists: 'keep' }),
          )
          expect(error, JSON.stringify(key)).to.be.instanceOf(TypeError)
          await staged.discard()
        }
      })

      it('holds keys with spaces, signs and letters of any script', async () => {
        for (const key of [
          'a b/c+d.tar.gz',
          'ä/模型 %41?x=1&y#z',
          'x'.repeat(255),
          '.hidden',
          "it's (1)~!*",
        ]) {
          await putBytes(store, key, Buffer.from(key))
          expect((await getBytes(store, key)).toString()).to.equal(key)
          expect(await listKeys(store, key)).to.deep.equal([key])
        }
      })
    })

    describe('opening', () => {
      it('says that there is no object', async () => {
        expect(await errorOf(store.open('nothing'))).to.be.instanceOf(ObjectNotFound)
        expect(await errorOf(store.open('nothing/at/all'))).to.be.instanceOf(ObjectNotFound)
      })

      it('finds no object under a key that no store holds, nor under a folder', async () => {
        await putBytes(store, 'folder/object', Buffer.from('x'))
        for (const key of [
          '',
          '..',
          '../etc/passwd',
          'folder',
          'folder/',
          '/folder/object',
          'folder/object/x',
        ]) {
          expect(await errorOf(store.open(key)), JSON.stringify(key)).to.be.instanceOf(ObjectNotFound)
          expect(await store.stat(key), JSON.stringify(key)).to.equal(undefined)
        }
      })

      it('gives any part of an object, with the size of the whole', async () => {
        const bytes = someBytes(3 * MiB + 17)
        await putBytes(store, 'a', bytes)
        const size = bytes.byteLength
        const ranges = [
          [0, 1],
          [0, size],
          [size - 1, 1],
          [MiB - 1, 2],
          [1, 2 * MiB + 3],
        ] as const
        for (const [start, length] of ranges) {
          const object = await store.open('a', { range: { start, length } })
          expect(object.size).to.equal(size)
          const part = await collect(object.chunks)
          expect(part.equals(bytes.subarray(start, start + length)), `${length} from ${start}`).to.equal(true)
          await object.close()
        }
      })

      it('gives the same version as stat and list', async () => {
        await putBytes(store, 'a', Buffer.from('x'))
        const object = await store.open('a')
        await object.close()
        const stat = await store.stat('a')
        expect(stat).to.include({ key: 'a', size: 1, version: object.version })
        for await (const listed of store.list('a')) expect(listed).to.deep.equal(stat)
      })

      it('opens one version and no other', async () => {
        await putBytes(store, 'a', Buffer.from('first'))
        const version = (await store.stat('a'))!.version
        expect((await getBytes(store, 'a', { ifVersion: version })).toString()).to.equal('first')
        await putBytes(store, 'a', Buffer.from('second'), 'replace')
        expect(await errorOf(store.open('a', { ifVersion: version }))).to.be.instanceOf(ObjectChanged)
        const part = { ifVersion: version, range: { start: 0, length: 2 } }
        expect(await errorOf(store.open('a', part))).to.be.instanceOf(ObjectChanged)
      })

      it('may be closed before all was read, and twice', async () => {
        await putBytes(store, 'a', someBytes(4 * MiB))
        const unread = await store.open('a')
        await unread.close()
        const begun = await store.open('a')
        for await (const chunk of begun.chunks) {
          expect(chunk.byteLength).to.be.greaterThan(0)
          break
        }
        await begun.close()
        await begun.close()
      })

      it('never mixes two objects where one is replaced under a reader', async () => {
        const first = Buffer.alloc(6 * MiB, 1)
        await putBytes(store, 'a', first)
        const object = await store.open('a')
        const seen = new Set<number>()
        let bytes = 0
        let failure: unknown
        try {
          for await (const chunk of object.chunks) {
            if (bytes === 0) await putBytes(store, 'a', Buffer.alloc(6 * MiB, 2), 'replace')
            bytes += chunk.byteLength
            for (const byte of [chunk[0]!, chunk.at(-1)!]) seen.add(byte)
          }
        } catch (error) {
          failure = error
        }
        await object.close()
        expect([...seen]).to.deep.equal([1])
        expect(failure !== undefined || bytes === first.byteLength).to.equal(true)
      })

      it('stops where the signal is aborted', async () => {
        await putBytes(store, 'a', someBytes(6 * MiB))
        const reason = new Error('the caller left')
        expect(await errorOf(store.open('a', { signal: AbortSignal.abort(reason) }))).to.equal(reason)

        const leaving = new AbortController()
        const object = await store.open('a', { signal: leaving.signal })
        const reading = async (): Promise<void> => {
          for await (const chunk of object.chunks) if (chunk.byteLength > 0) leaving.abort(reason)
        }
        expect(await errorOf(reading())).to.equal(reason)
        await object.close()
      })

      it('serves many readers of one object at once', async () => {
        const bytes = someBytes(2 * MiB + 5)
        await putBytes(store, 'a', bytes)
        const digests = await Promise.all(
          Array.from({ length: 20 }, async () => sha256(await getBytes(store, 'a'))),
        )
        expect(new Set(digests)).to.deep.equal(new Set([sha256(bytes)]))
      })
    })

    describe('stat, list and delete', () => {
      it('says when an object was made', async () => {
        await putBytes(store, 'a', Buffer.from('x'))
        expect((await store.stat('a'))?.modifiedAt).to.be.closeTo(Date.now(), 60_000)
      })

      it('lists what begins with a prefix, whole folders or not', async () => {
        for (const key of ['ab/one', 'ab/two', 'abc/three', 'b', 'ab.txt']) {
          await putBytes(store, key, Buffer.from(key))
        }
        expect(await listKeys(store, '')).to.deep.equal(['ab.txt', 'ab/one', 'ab/two', 'abc/three', 'b'])
        expect(await listKeys(store, 'ab/')).to.deep.equal(['ab/one', 'ab/two'])
        expect(await listKeys(store, 'ab')).to.deep.equal(['ab.txt', 'ab/one', 'ab/two', 'abc/three'])
        expect(await listKeys(store, 'ab/t')).to.deep.equal(['ab/two'])
        expect(await listKeys(store, 'nothing/here')).to.deep.equal([])
      })

      it(`lists ${many} objects, each once`, async () => {
        const keys = Array.from({ length: many }, (_, index) => `many/${String(index).padStart(5, '0')}`)
        const waiting = [...keys]
        const work = async (): Promise<void> => {
          for (let key = waiting.pop(); key; key = waiting.pop()) await putBytes(store, key, Buffer.from('x'))
        }
        await Promise.all(Array.from({ length: 16 }, work))
        expect(await listKeys(store, 'many/')).to.deep.equal(keys)
      }).timeout(180_000)

      it('deletes an object, and does not mind one that is not there', async () => {
        await putBytes(store, 'a/b', Buffer.from('x'))
        await store.delete('a/b')
        await store.delete('a/b')
        await store.delete('a')
        expect(await errorOf(store.open('a/b'))).to.be.instanceOf(ObjectNotFound)
        expect(await listKeys(store, '')).to.deep.equal([])
      })

      it('creates again what was deleted', async () => {
        await putBytes(store, 'a', Buffer.from('first'))
        await store.delete('a')
        expect(await putBytes(store, 'a', Buffer.from('second'))).to.equal('created')
        expect((await getBytes(store, 'a')).toString()).to.equal('second')
      })
    })

    it('sweeps no object away', async () => {
      await putBytes(store, 'a', Buffer.from('x'))
      expect(await store.sweep()).to.equal(0)
      expect(await listKeys(store, '')).to.deep.equal(['a'])
    })
  })
}
