import { randomBytes } from 'node:crypto'
import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { InMemoryBlobCache } from '../../server/blobs/in-memory-blob-cache.ts'
import type { BlobStore, OpenBlob } from '../../server/blobs/blob-store.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const MiB = 1024 * 1024

describe('InMemoryBlobCache', () => {
  it('give the bytes of the store, at first and ever after', async () => {
    const { blobs, publish } = await rememberedBlobs()
    const bytes = randomBytes(100_000)
    const digest = await publish(bytes)
    for (let time = 0; time < 3; time++) expect(await readAll(await blobs.open(digest))).to.deep.equal(bytes)
  })

  it('open the store only once for a small blob', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const digest = await publish(randomBytes(1000))
    for (let time = 0; time < 5; time++) await readAll(await blobs.open(digest))
    expect(opened()).to.equal(1)
  })

  it('give a part of what they remember', async () => {
    const { blobs, publish } = await rememberedBlobs()
    const bytes = randomBytes(1000)
    const digest = await publish(bytes)
    await readAll(await blobs.open(digest))
    const part = await readAll(await blobs.open(digest, { start: 10, length: 20 }))
    expect(part).to.deep.equal(bytes.subarray(10, 30))
  })

  it('notice that the stored bytes are gone', async () => {
    const { blobs, publish, file } = await rememberedBlobs()
    const digest = await publish(randomBytes(1000))
    await readAll(await blobs.open(digest))
    await rm(await file())
    const failure = await blobs.open(digest).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'blob-missing')
  })

  it('ask the store again where the stored bytes may have changed', async () => {
    const { blobs, publish, opened, file } = await rememberedBlobs()
    const bytes = randomBytes(1000)
    const digest = await publish(bytes)
    await readAll(await blobs.open(digest))
    await chmod(await file(), 0o600)
    await writeFile(await file(), bytes)
    await readAll(await blobs.open(digest))
    expect(opened()).to.equal(2)
  })

  it('do not remember what was not read to its end', async () => {
    const { blobs, publish, opened } = await rememberedBlobs()
    const digest = await publish(randomBytes(2 * MiB))
    const blob = await blobs.open(digest)
    await blob.chunks[Symbol.asyncIterator]().next()
    await blob.close()
    await readAll(await blobs.open(digest))
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
    for (let time = 0; time < 2; time++) await readAll(await blobs.open(large))
    expect(opened()).to.equal(2)
    const small: string[] = []
    for (let index = 0; index < 10; index++) small.push(await publish(randomBytes(2 * MiB)))
    for (const digest of small) await readAll(await blobs.open(digest))
    await readAll(await blobs.open(small[9]!))
    expect(opened()).to.equal(12)
    await readAll(await blobs.open(small[0]!))
    expect(opened()).to.equal(13)
  })
})

interface Remembered {
  blobs: BlobStore
  publish: (bytes: Buffer) => Promise<string>
  opened: () => number
  /** The path of the only blob. */
  file: () => Promise<string>
}

async function rememberedBlobs(): Promise<Remembered> {
  const folder = await temporaryDirectory()
  let opened = 0
  class CountedStore extends FilesystemStore {
    override open(...parameters: Parameters<FilesystemStore['open']>): ReturnType<FilesystemStore['open']> {
      opened++
      return super.open(...parameters)
    }
  }
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
  return { blobs: new InMemoryBlobCache(store), publish, opened: () => opened, file }
}

async function readAll(blob: OpenBlob): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of blob.chunks) chunks.push(Buffer.from(chunk))
  } finally {
    await blob.close()
  }
  return Buffer.concat(chunks)
}
