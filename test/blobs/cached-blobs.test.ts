import { randomBytes } from 'node:crypto'
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { BlobCache } from '../../server/blobs/blob-cache.ts'
import { CachedBlobs } from '../../server/blobs/cached-blobs.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import type { BlobStore, OpenBlob } from '../../server/blobs/blob-store.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { DomainError } from '../../server/errors/errors.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { readBlob } from '../support/read-blob.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const MiB = 1024 * 1024

describe('CachedBlobs', () => {
  it('fetches a blob once, however many ask for it at the same time', async () => {
    const { blobs, cache, publish } = await cachedBlobs()
    const bytes = randomBytes(3 * MiB)
    const digest = await publish(bytes)
    const copies = await Promise.all(
      Array.from({ length: 20 }, async () => readBlob(await blobs.open(digest))),
    )
    expect(copies.every((copy) => copy.equals(bytes))).to.equal(true)
    expect(cache.counts.fetched).to.equal(1)
  })

  it('serves later readers from the local copy', async () => {
    const { blobs, publish, inner } = await cachedBlobs()
    const bytes = randomBytes(MiB)
    const digest = await publish(bytes)
    await readBlob(await blobs.open(digest))
    await inner.delete(digest)
    expect((await readBlob(await blobs.open(digest))).equals(bytes)).to.equal(true)
  })

  it('lets a part be read while the blob still comes', async () => {
    const { blobs, publish } = await cachedBlobs()
    const bytes = randomBytes(2 * MiB)
    const digest = await publish(bytes)
    const part = await readBlob(await blobs.open(digest, { start: 1000, length: MiB }))
    expect(part.equals(bytes.subarray(1000, 1000 + MiB))).to.equal(true)
  })

  it('withholds the end of a blob whose bytes turn out to be others, and keeps nothing of it', async () => {
    const { folder, cache, publish } = await cachedBlobs()
    const bytes = randomBytes(MiB)
    const digest = await publish(bytes)
    const rotten = Buffer.from(bytes)
    rotten[10] = ~(rotten[10] ?? 0) & 0xff
    const blob = (await cache.fill(digest, { open: () => Promise.resolve(openBuffer(rotten)) }))!
    const received: Buffer[] = []
    let failure: unknown
    try {
      for await (const chunk of blob.chunks) received.push(Buffer.from(chunk))
    } catch (error) {
      failure = error
    }
    await blob.close()
    expect(failure).to.have.property('code', 'blob-damaged')
    expect(Buffer.concat(received).length).to.be.lessThan(MiB)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('tells every reader where the store breaks off, and fetches anew for the next', async () => {
    const { cache, publish } = await cachedBlobs()
    const bytes = randomBytes(MiB)
    const digest = await publish(bytes)
    const broken = {
      open: (): Promise<OpenBlob> => Promise.resolve({ ...openBuffer(bytes), chunks: breaking(bytes) }),
    }
    const readers = await Promise.all([cache.fill(digest, broken), cache.fill(digest, broken)])
    const outcomes = await Promise.allSettled(readers.map((reader) => readBlob(reader!)))
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    const again = await cache.fill(digest, { open: () => Promise.resolve(openBuffer(bytes)) })
    expect((await readBlob(again!)).equals(bytes)).to.equal(true)
  })

  it('drops the copies that were used longest ago when there is no more room', async () => {
    const { blobs, publish, folder } = await cachedBlobs({ maxBytes: 3 * MiB })
    const digests: string[] = []
    for (let index = 0; index < 5; index++) {
      const digest = await publish(randomBytes(MiB))
      digests.push(digest)
      await readBlob(await blobs.open(digest))
    }
    expect((await readdir(folder)).toSorted()).to.deep.equal(digests.slice(2).toSorted())
  })

  it('keeps to its room where many blobs are asked for at once', async () => {
    const { blobs, folder, publish } = await cachedBlobs({ maxBytes: 4 * MiB })
    const all = Array.from({ length: 6 }, () => randomBytes(3 * MiB))
    const digests = await Promise.all(all.map(publish))
    const copies = await Promise.all(digests.map(async (digest) => readBlob(await blobs.open(digest))))
    expect(copies.every((copy, index) => all[index]?.equals(copy))).to.equal(true)
    expect(await readdir(folder)).to.have.length(1)
  })

  it('reads a blob that is larger than the cache from the store', async () => {
    const { blobs, cache, publish } = await cachedBlobs({ maxBytes: MiB })
    const bytes = randomBytes(2 * MiB)
    const digest = await publish(bytes)
    expect((await readBlob(await blobs.open(digest))).equals(bytes)).to.equal(true)
    expect(cache.counts.fetched).to.equal(0)
  })

  it('never serves a copy that rotted while the server was off', async () => {
    const { blobs, publish, folder, inner } = await cachedBlobs()
    const bytes = randomBytes(MiB)
    const digest = await publish(bytes)
    await readBlob(await blobs.open(digest))
    const copy = path.join(folder, digest)
    const rotten = await readFile(copy)
    rotten[5] = ~(rotten[5] ?? 0) & 0xff
    await writeFile(copy, rotten)
    const restarted = new BlobCache(folder, 100 * MiB)
    await restarted.load()
    const served = await readBlob(await new CachedBlobs(inner, restarted).open(digest))
    expect(served.equals(bytes)).to.equal(true)
    expect(restarted.counts.fetched).to.equal(1)
  })

  it('does not give the end of a copy that is written to while it is read', async () => {
    const { blobs, publish, folder } = await cachedBlobs()
    const digest = await publish(randomBytes(3 * MiB))
    await readBlob(await blobs.open(digest))
    const blob = await blobs.open(digest)
    let given = 0
    const read = async (): Promise<void> => {
      for await (const chunk of blob.chunks) {
        if (given === 0) await writeFile(path.join(folder, digest), Buffer.alloc(3 * MiB))
        given += chunk.byteLength
      }
    }
    expect(await rejection(read())).to.have.property('code', 'storage-failed')
    expect(given).to.be.lessThan(3 * MiB)
    await blob.close()
  })

  describe('where a copy is changed while the server runs', () => {
    const changes: Record<string, (copy: string) => Promise<unknown>> = {
      'one byte is flipped': (copy) => flipByte(copy),
      'it is cut short': (copy) => truncate(copy, MiB / 2),
      'it is made longer': (copy) => appendFile(copy, 'more'),
      'it is removed': (copy) => rm(copy),
      'it is replaced by a folder': async (copy) => {
        await rm(copy)
        await mkdir(copy)
      },
      'it is replaced by a symbolic link': async (copy) => {
        await rm(copy)
        await symlink('/etc/hostname', copy)
      },
      'all copies are removed with their folder': (copy) => rm(path.dirname(copy), { recursive: true }),
    }
    for (const [what, change] of Object.entries(changes)) {
      it(`serves the blob from the store and copies it anew: ${what}`, async () => {
        const { blobs, cache, publish, folder } = await cachedBlobs()
        const bytes = randomBytes(MiB)
        const digest = await publish(bytes)
        await readBlob(await blobs.open(digest))
        await change(path.join(folder, digest))
        for (const round of [1, 2]) {
          expect((await readBlob(await blobs.open(digest))).equals(bytes), `round ${round}`).to.equal(true)
        }
        expect(cache.counts.fetched).to.equal(2)
        expect((await readFile(path.join(folder, digest))).equals(bytes)).to.equal(true)
      })
    }
  })

  it('serves from the store, and says so once, where the folder cannot be used', async () => {
    const { blobs, publish, folder, failures } = await cachedBlobs()
    await rm(folder, { recursive: true })
    await writeFile(folder, 'in the way')
    for (const bytes of [randomBytes(MiB), randomBytes(MiB)]) {
      expect((await readBlob(await blobs.open(await publish(bytes)))).equals(bytes)).to.equal(true)
    }
    expect(failures).to.have.length(1)
  })

  it('lets every reader go on with the store where the disk fills up under a copy', async () => {
    const { blobs, publish, folder, failures } = await cachedBlobs()
    const bytes = randomBytes(3 * MiB)
    const digest = await publish(bytes)
    await symlink('/dev/full', path.join(folder, `.filling-${digest}`))
    const copies = await Promise.all(
      Array.from({ length: 5 }, async () => readBlob(await blobs.open(digest))),
    )
    expect(copies.every((copy) => copy.equals(bytes))).to.equal(true)
    expect(failures).to.have.length(1)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('begins without copies where the folder cannot be looked into', async () => {
    const folder = path.join(await temporaryDirectory(), 'cache')
    await writeFile(folder, 'in the way')
    const failures: unknown[] = []
    await new BlobCache(folder, MiB, (error) => failures.push(error)).load()
    expect(failures).to.have.length(1)
  })

  it('keeps nothing, and reads from the store, where it may keep nothing', async () => {
    const { blobs, publish, folder } = await cachedBlobs({ maxBytes: 0 })
    const bytes = randomBytes(MiB)
    const digest = await publish(bytes)
    expect((await readBlob(await blobs.open(digest))).equals(bytes)).to.equal(true)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('removes what an earlier program left half done', async () => {
    const folder = await temporaryDirectory()
    await writeFile(path.join(folder, '.filling-abc'), 'half')
    await new BlobCache(folder, MiB).load()
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('holds no descriptor once its readers have gone, whether they read to the end or not', async () => {
    const { blobs, publish, folder } = await cachedBlobs()
    const digest = await publish(randomBytes(2 * MiB))
    const reader = await blobs.open(digest)
    await reader.close()
    await readBlob(await blobs.open(digest))
    expect(await descriptorsIn(folder)).to.equal(0)
  })

  describe('while the store', () => {
    const away = {
      'cannot be reached': () => Promise.reject(new DomainError('storage-unavailable', 'It is away.')),
      'does not answer': () => new Promise<undefined>(() => undefined),
    }
    for (const [how, stat] of Object.entries(away)) {
      it(`${how}, knows what there is a copy of`, async () => {
        const { inner, cache, publish, blobs } = await cachedBlobs()
        const bytes = randomBytes(1000)
        const digest = await publish(bytes)
        await readBlob(await blobs.open(digest))
        const alone = new CachedBlobs(Object.assign(Object.create(inner), { stat }), cache, {
          answerTimeout: 50,
        })
        expect(await alone.stat(digest)).to.include({ digest, size: 1000 })
      })
    }

    it('cannot be reached, says so of what there is no copy of', async () => {
      const { inner, cache, publish } = await cachedBlobs()
      const digest = await publish(randomBytes(1000))
      const alone = new CachedBlobs(
        Object.assign(Object.create(inner), { stat: away['cannot be reached'] }),
        cache,
      )
      expect(await rejection(alone.stat(digest))).to.include({ code: 'storage-unavailable' })
    })

    it('answers, takes its word: an archive that is missing there is missing', async () => {
      const { inner, publish, blobs } = await cachedBlobs()
      const digest = await publish(randomBytes(1000))
      await readBlob(await blobs.open(digest))
      await inner.delete(digest)
      expect(await blobs.stat(digest)).to.equal(undefined)
    })
  })
})

interface Cached {
  blobs: BlobStore
  inner: BlobStore
  cache: BlobCache
  folder: string
  publish: (bytes: Buffer) => Promise<string>
  failures: unknown[]
}

async function cachedBlobs({ maxBytes = 100 * MiB } = {}): Promise<Cached> {
  const folder = path.join(await temporaryDirectory(), 'cache')
  const failures: unknown[] = []
  const cache = new BlobCache(folder, maxBytes, (error) => failures.push(error))
  await cache.load()
  const inner = new ObjectBlobs(new MemoryStore(), () => Promise.resolve(undefined))
  const publish = async (bytes: Buffer): Promise<string> => {
    const staged = await inner.stage()
    await staged.write(bytes)
    await staged.commit()
    return staged.digest()
  }
  return { blobs: new CachedBlobs(inner, cache), inner, cache, folder, publish, failures }
}

async function flipByte(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes[5] = ~(bytes[5] ?? 0) & 0xff
  await writeFile(file, bytes)
}

function openBuffer(bytes: Buffer): OpenBlob {
  return { size: bytes.length, chunks: inPieces(bytes), close: () => Promise.resolve() }
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 100_000) {
    await new Promise((resolve) => setImmediate(resolve))
    yield bytes.subarray(start, start + 100_000)
  }
}

async function* breaking(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, bytes.length / 2)
  await new Promise((resolve) => setImmediate(resolve))
  throw new Error('the connection broke')
}

async function descriptorsIn(folder: string): Promise<number> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')),
  )
  return links.filter((link) => link.startsWith(folder)).length
}
