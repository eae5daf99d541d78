import { randomBytes } from 'node:crypto'
import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { InMemoryBlobCache } from '../../server/blobs/in-memory-blob-cache.ts'
import type { BlobStore, OpenBlob } from '../../server/blobs/blob-store.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { StoreFailed } from '../../storage/object-store.ts'
import { readBlob } from '../support/read-blob.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const MiB = 1024 * 1024

describe('InMemoryBlobCache', () => {
  it('give the bytes of the store, at first and ever after', async () => {
    const { blobs, publish } = await rememberedBlobs()
    const bytes = randomBytes(100_000)
    const digest = await publish(bytes)
    for (let time = 0; time < 3; time++) expect(await readBlob(await blobs.open(digest))).to.deep.equal(bytes)
  })

  it('open the store only once for a small blob', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const digest = await publish(randomBytes(1000))
    for (let time = 0; time < 5; time++) await readBlob(await blobs.open(digest))
    expect(opened()).to.equal(1)
  })

  it('give a part of what they remember', async () => {
    const { blobs, publish } = await rememberedBlobs()
    const bytes = randomBytes(1000)
    const digest = await publish(bytes)
    await readBlob(await blobs.open(digest))
    const part = await readBlob(await blobs.open(digest, { start: 10, length: 20 }))
    expect(part).to.deep.equal(bytes.subarray(10, 30))
  })

  it('notice that the stored bytes are gone', async () => {
    const { blobs, publish, file } = await rememberedBlobs()
    const digest = await publish(randomBytes(1000))
    await readBlob(await blobs.open(digest))
    await rm(await file())
    const failure = await blobs.open(digest).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'blob-missing')
  })

  it('ask the store again where the stored bytes may have changed', async () => {
    const { blobs, publish, opened, file } = await rememberedBlobs()
    const bytes = randomBytes(1000)
    const digest = await publish(bytes)
    await readBlob(await blobs.open(digest))
    await chmod(await file(), 0o600)
    await writeFile(await file(), bytes)
    await readBlob(await blobs.open(digest))
    expect(opened()).to.equal(2)
  })

  it('do not remember what was not read to its end', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const digest = await publish(randomBytes(2 * MiB))
    const blob = await blobs.open(digest)
    await blob.chunks[Symbol.asyncIterator]().next()
    await blob.close()
    await readBlob(await blobs.open(digest))
    expect(opened()).to.equal(2)
  })

  it('hold a blob once, however many read it for the first time', async () => {
    const { blobs, publish } = await rememberedBlobs()
    const digest = await publish(randomBytes(2 * MiB))
    const readers = await Promise.all(Array.from({ length: 100 }, () => blobs.open(digest)))
    const before = process.memoryUsage().arrayBuffers
    for (const { chunks } of readers) await chunks[Symbol.asyncIterator]().next()
    const grown = process.memoryUsage().arrayBuffers - before
    await Promise.all(readers.map((reader) => reader.close()))
    // Two buffers of a disk read for each, at most 1 MiB each for the first 16.
    expect(grown).to.be.lessThan(100 * MiB)
  })

  it('keep no large blobs, and only so many bytes of small ones', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const large = await publish(randomBytes(3 * MiB))
    for (let time = 0; time < 2; time++) await readBlob(await blobs.open(large))
    expect(opened()).to.equal(2)
    const small: string[] = []
    for (let index = 0; index < 10; index++) small.push(await publish(randomBytes(2 * MiB)))
    for (const digest of small) await readBlob(await blobs.open(digest))
    await readBlob(await blobs.open(small[9]!))
    expect(opened()).to.equal(12)
    await readBlob(await blobs.open(small[0]!))
    expect(opened()).to.equal(13)
  })

  it('read a large blob once for all but the first of those who read it at once', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const bytes = randomBytes(5 * MiB)
    const digest = await publish(bytes)
    const readers = await openTimes(blobs, digest, 20)
    const before = opened()
    const contents = await Promise.all(readers.map(readBlob))
    for (const content of contents) expect(content.equals(bytes)).to.equal(true)
    await readBlob(await blobs.open(digest))
    expect([before, opened()]).to.deep.equal([2, 3])
  })

  it('share one array among them', async () => {
    const { blobs, publish } = await rememberedBlobs()
    const readers = await openTimes(blobs, await publish(randomBytes(5 * MiB)), 4)
    const chunks = await Promise.all(readers.slice(1).map(firstChunk))
    expect(new Set(chunks.map(({ buffer }) => buffer)).size).to.equal(1)
    await closeAll(readers)
  })

  it('give a part from the bytes that are shared', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const bytes = randomBytes(5 * MiB)
    const digest = await publish(bytes)
    const readers = await openTimes(blobs, digest, 2)
    const part = await readBlob(await blobs.open(digest, { start: 3 * MiB, length: 1000 }))
    expect(part).to.deep.equal(bytes.subarray(3 * MiB, 3 * MiB + 1000))
    expect(opened()).to.equal(2)
    await closeAll(readers)
  })

  it('read nothing for those who close without reading', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const digest = await publish(randomBytes(5 * MiB))
    const before = process.memoryUsage().arrayBuffers
    await closeAll(await openTimes(blobs, digest, 5))
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(5 * MiB)
    await readBlob(await blobs.open(digest))
    expect(opened()).to.equal(3)
  })

  it('go on with whoever is left when others stop, and drop the bytes with the last', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const bytes = randomBytes(5 * MiB)
    const digest = await publish(bytes)
    const [first, second, third] = await openTimes(blobs, digest, 3)
    await firstChunk(second!)
    await closeAll([first!, second!, second!])
    expect((await readBlob(third!)).equals(bytes)).to.equal(true)
    await readBlob(await blobs.open(digest))
    expect(opened()).to.equal(3)
  })

  it('give readers the whole of a blob that is deleted meanwhile, and nobody else', async () => {
    const { blobs, publish } = await rememberedBlobs()
    const bytes = randomBytes(5 * MiB)
    const digest = await publish(bytes)
    const [first, second] = await openTimes(blobs, digest, 2)
    await firstChunk(second!)
    await first!.close()
    await blobs.delete(digest)
    const third = await blobs.open(digest).catch((error: unknown) => error)
    expect(third).to.have.property('code', 'blob-missing')
    await second!.close()
  })

  it('share no bytes of a blob that changed meanwhile', async () => {
    const { blobs, publish, opened, file } = await rememberedBlobs()
    const bytes = randomBytes(5 * MiB)
    const digest = await publish(bytes)
    const readers = await openTimes(blobs, digest, 2)
    const at = await file()
    await rm(at)
    await writeFile(at, bytes)
    readers.push(await blobs.open(digest))
    expect(opened()).to.equal(3)
    for (const reader of readers) expect((await readBlob(reader)).equals(bytes)).to.equal(true)
  })

  it('tell all who wait for bytes that they cannot be read, and try anew for the next', async () => {
    const { blobs, publish, opened, failReads } = await rememberedBlobs()
    const bytes = randomBytes(5 * MiB)
    const digest = await publish(bytes)
    const readers = await openTimes(blobs, digest, 4)
    failReads(true)
    const failures = await Promise.allSettled(readers.map(readBlob))
    expect(failures.map(({ status }) => status)).to.deep.equal(Array(4).fill('rejected'))
    failReads(false)
    const again = await Promise.all((await openTimes(blobs, digest, 2)).map(readBlob))
    for (const content of again) expect(content.equals(bytes)).to.equal(true)
    expect(opened()).to.equal(4)
  })

  it('read the store where the memory is full of what others read, and share again when they are gone', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const digests: string[] = []
    for (let index = 0; index < 3; index++) digests.push(await publish(randomBytes(30 * MiB)))
    const readers: OpenBlob[] = []
    for (const digest of digests) readers.push(...(await openTimes(blobs, digest, 3)))
    // Two are shared by their second and third; each reader of the third reads the store.
    expect(opened()).to.equal(2 + 2 + 3)
    await closeAll(readers)
    readers.push(...(await openTimes(blobs, digests[2]!, 3)))
    expect(opened()).to.equal(7 + 2)
    await closeAll(readers)
  })

  it('give all room back that readers took who did not read to the end', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const small = await publish(randomBytes(2 * MiB))
    const large = await publish(randomBytes(32 * MiB))
    for (let time = 0; time < 40; time++) {
      const reader = await blobs.open(small)
      await firstChunk(reader)
      await reader.close()
      await closeAll(await openTimes(blobs, large, 2))
    }
    const before = opened()
    await closeAll(await openTimes(blobs, large, 5))
    expect(opened() - before).to.equal(2)
  })
})

interface Remembered {
  blobs: BlobStore
  publish: (bytes: Buffer) => Promise<string>
  opened: () => number
  failReads: (fail: boolean) => void
  /** The path of the only blob. */
  file: () => Promise<string>
}

async function rememberedBlobs(): Promise<Remembered> {
  const folder = await temporaryDirectory()
  let opened = 0
  class CountedStore extends FilesystemStore {
    override open(...parameters: Parameters<FilesystemStore['open']>): ReturnType<FilesystemStore['open']> {
      opened++
      return failing(super.open(...parameters), () => fails)
    }
  }
  let fails = false
  const store = new ObjectBlobs(new CountedStore(folder), () => Promise.resolve(undefined))
  const publish = async (bytes: Buffer): Promise<string> => {
    const staged = await store.stage()
    await staged.write(bytes)
    await staged.commit()
    return staged.digest()
  }
  const file = async (): Promise<string> => {
    const found = await readdir(folder, { recursive: true, withFileTypes: true })
    const blob = found.find((entry) => entry.isFile())
    return path.join(blob?.parentPath ?? '', blob?.name ?? '')
  }
  return {
    blobs: new InMemoryBlobCache(store),
    publish,
    opened: () => opened,
    file,
    failReads: (fail) => (fails = fail),
  }
}

/** What was opened, whose bytes cannot be read while it fails. */
async function failing(
  opening: ReturnType<FilesystemStore['open']>,
  fails: () => boolean,
): ReturnType<FilesystemStore['open']> {
  const opened = await opening
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (fails()) throw new StoreFailed('the disk fails')
    yield* opened.chunks
  }
  return { ...opened, chunks: chunks() }
}

/** One after the other, all of them left open. */
async function openTimes(blobs: BlobStore, digest: string, times: number): Promise<OpenBlob[]> {
  const readers: OpenBlob[] = []
  for (let time = 0; time < times; time++) readers.push(await blobs.open(digest))
  return readers
}

async function firstChunk(blob: OpenBlob): Promise<Uint8Array> {
  for await (const chunk of blob.chunks) return chunk
  throw new Error('There is none.')
}

async function closeAll(readers: readonly OpenBlob[]): Promise<void> {
  for (const reader of readers) await reader.close()
}
