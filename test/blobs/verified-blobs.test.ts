import { randomBytes } from 'node:crypto'
import {
  chmod,
  readFile,
  rename,
  stat,
  truncate,
  unlink,
  utimes,
  writeFile,
  mkdir,
  rm,
  symlink,
} from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { LocalDamageRegister } from '../../server/blobs/local-damage-register.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { VerifiedBlobs } from '../../server/blobs/verified-blobs.ts'
import type { BlobStore } from '../../server/blobs/blob-store.ts'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import type { DamagedBlob } from '../../server/coordination/known-damage.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const NOW = '2026-11-23T08:00:00.000Z'
/** Several of the chunks that files are read in. */
const LARGE = 3 * 1024 * 1024 + 17

async function store(blobs: BlobStore, bytes: Uint8Array): Promise<string> {
  const staged = await blobs.stage()
  await staged.write(bytes)
  await staged.commit()
  await staged.discard()
  return staged.digest()
}

/** All bytes that somebody gets who reads a blob, and how that ended. */
async function read(blobs: BlobStore, digest: string, range?: { start: number; length: number }) {
  const chunks: Buffer[] = []
  try {
    const blob = await blobs.open(digest, range)
    try {
      for await (const chunk of blob.chunks) chunks.push(Buffer.from(chunk))
    } finally {
      await blob.close()
    }
    return { bytes: Buffer.concat(chunks), code: undefined }
  } catch (error) {
    return { bytes: Buffer.concat(chunks), code: (error as { code: string }).code }
  }
}

describe('VerifiedBlobs', () => {
  let folder: string
  let damaged: DamagedBlobs
  let told: string[]
  let sizes: Map<string, number>
  let blobs: VerifiedBlobs

  /** As after a start: nothing is known but what was written down. */
  function started(): VerifiedBlobs {
    const listener = {
      damaged: ({ kind }: DamagedBlob) => Promise.resolve(void told.push(kind)),
      healed: () => Promise.resolve(void told.push('healed')),
    }
    return new VerifiedBlobs(
      new ObjectBlobs(new FilesystemStore(folder), () => Promise.resolve(undefined)),
      new LocalDamageRegister(damaged, () => NOW, listener),
      (digest) => Promise.resolve(sizes.get(digest)),
    )
  }

  beforeEach(async () => {
    folder = await temporaryDirectory()
    damaged = new DamagedBlobs()
    told = []
    sizes = new Map()
    blobs = started()
  })

  const fileOf = (digest: string) => path.join(folder, 'sha256', digest.slice(0, 2), digest)

  async function keep(bytes: Uint8Array): Promise<string> {
    const digest = await store(blobs, bytes)
    sizes.set(digest, bytes.length)
    return digest
  }

  async function overwrite(digest: string, change: (bytes: Buffer) => Uint8Array): Promise<void> {
    await chmod(fileOf(digest), 0o644)
    await writeFile(fileOf(digest), change(await readFile(fileOf(digest))))
  }

  const flip = (at: number) => (bytes: Buffer) => {
    bytes[at] = bytes[at]! ^ 1
    return bytes
  }

  it('gives out what is sound, whole and in part', async () => {
    const bytes = randomBytes(LARGE)
    const digest = await keep(bytes)
    expect((await read(blobs, digest)).bytes.equals(bytes)).to.equal(true)
    const part = await read(blobs, digest, { start: 5, length: 2_000_000 })
    expect(part.bytes.equals(bytes.subarray(5, 2_000_005))).to.equal(true)
    expect(told).to.deep.equal([])
  })

  describe('where a file was damaged', () => {
    const DAMAGE: Record<string, (digest: string) => Promise<void>> = {
      'by a flipped bit at its end': (digest) => overwrite(digest, flip(LARGE - 1)),
      'by a flipped bit in its middle': (digest) => overwrite(digest, flip(LARGE >> 1)),
      'by being cut short': async (digest) => {
        await chmod(fileOf(digest), 0o644)
        await truncate(fileOf(digest), LARGE - 10)
      },
      'by being emptied': (digest) => overwrite(digest, () => Buffer.alloc(0)),
      'by being made longer': (digest) => overwrite(digest, (bytes) => Buffer.concat([bytes, bytes])),
      'by being swapped for another': async (digest) => {
        const other = await store(blobs, randomBytes(LARGE))
        await rename(fileOf(other), fileOf(digest))
      },
      'by being removed': (digest) => unlink(fileOf(digest)),
      'by being removed for a symbolic link': async (digest) => {
        await rm(fileOf(digest), { recursive: true })
        await symlink('/etc/hostname', fileOf(digest))
      },
      'by being removed for a dangling link': async (digest) => {
        await rm(fileOf(digest), { recursive: true })
        await symlink('nowhere', fileOf(digest))
      },
      'by being removed for a folder': async (digest) => {
        await rm(fileOf(digest), { recursive: true })
        await mkdir(path.join(fileOf(digest), 'with'), { recursive: true })
      },
    }

    for (const [how, damage] of Object.entries(DAMAGE)) {
      describe(how, () => {
        let digest: string
        let bytes: Buffer
        const code = how.includes('removed') ? 'blob-missing' : 'blob-damaged'

        beforeEach(async () => {
          bytes = randomBytes(LARGE)
          digest = await keep(bytes)
          await read(blobs, digest)
          await damage(digest)
        })

        it('never gives it out whole, and quarantines it', async () => {
          const given = await read(blobs, digest)
          expect(given.code).to.equal(code)
          expect(given.bytes.length).to.be.below(LARGE)
          expect(damaged.find(digest)).to.include({ damagedAt: NOW })
          const again = await read(blobs, digest)
          expect([again.code, again.bytes.length]).to.deep.equal([code, 0])
          expect(told).to.have.length(1)
        })

        it('gives out no part of it', async () => {
          const part = await read(blobs, digest, { start: 0, length: 4 })
          expect([part.code, part.bytes.length]).to.deep.equal([code, 0])
          expect(damaged.size).to.equal(1)
        })

        it('finds it by verifying, and knows it after a restart', async () => {
          expect(await blobs.verify(digest)).to.equal(how.includes('removed') ? 'missing' : 'damaged')
          expect(damaged.size).to.equal(1)
          expect((await read(started(), digest)).code).to.equal(code)
        })

        it('is healed by publishing the same bytes, before anybody found it and after', async () => {
          blobs = started()
          await keep(bytes)
          expect((await read(blobs, digest)).bytes.equals(bytes)).to.equal(true)
          if (code === 'blob-damaged') await unlink(fileOf(digest))
          await damage(digest).catch(() => undefined)
          await read(blobs, digest)
          expect(damaged.size).to.equal(1)
          await keep(bytes)
          expect((await read(blobs, digest)).bytes.equals(bytes)).to.equal(true)
          expect(damaged.size).to.equal(0)
          expect(told.at(-1)).to.equal('healed')
        })
      })
    }
  })

  it('never gives out all of a blob of which any bit flipped', async () => {
    const bytes = randomBytes(5000)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), async (bit) => {
        damaged = new DamagedBlobs()
        blobs = started()
        const digest = await keep(bytes)
        await overwrite(digest, (stored) => {
          stored[bit >> 3] = stored[bit >> 3]! ^ (1 << (bit & 7))
          return stored
        })
        const given = await read(blobs, digest)
        expect([given.code, given.bytes.length]).to.deep.equal(['blob-damaged', 0])
        await unlink(fileOf(digest))
      }),
      { numRuns: 50 },
    )
  })

  it('refuses to let anything point at a damaged blob', async () => {
    const digest = await keep(randomBytes(100))
    expect(await blobs.stat(digest)).to.include({ size: 100 })
    await overwrite(digest, flip(0))
    await blobs.verify(digest)
    expect(await rejection(blobs.stat(digest))).to.include({ code: 'blob-damaged' })
  })

  it('looks again where other bytes lie there now, and forgets the damage if these are sound', async () => {
    const bytes = randomBytes(100)
    const digest = await keep(bytes)
    await overwrite(digest, flip(7))
    await blobs.verify(digest)
    await overwrite(digest, flip(7))
    await utimes(fileOf(digest), 1, 1)
    expect((await read(blobs, digest)).bytes.equals(bytes)).to.equal(true)
    expect(damaged.size).to.equal(0)
  })

  it('gives the same bytes to many who begin at once, and hashes for the first alone', async () => {
    const bytes = randomBytes(LARGE)
    const digest = await keep(bytes)
    const given = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        read(blobs, digest, index % 2 === 0 ? undefined : { start: index, length: 100 }),
      ),
    )
    given.forEach((each, index) => {
      const expected = index % 2 === 0 ? bytes : bytes.subarray(index, index + 100)
      expect(each.bytes.equals(expected)).to.equal(true)
    })
  })

  it('does not take a blob that was read in part for a sound one', async () => {
    const digest = await keep(randomBytes(LARGE))
    await overwrite(digest, flip(LARGE - 1))
    const blob = await blobs.open(digest)
    const [first] = [await blob.chunks[Symbol.asyncIterator]().next()]
    expect(first.done).to.equal(false)
    await blob.close()
    expect((await read(blobs, digest)).code).to.equal('blob-damaged')
  })

  it('knows what is being read until it is closed', async () => {
    const digest = await keep(randomBytes(100))
    const [one, other] = [await blobs.open(digest), await blobs.open(digest)]
    await one.close()
    await one.close()
    expect(blobs.isBeingRead(digest)).to.equal(true)
    await other.close()
    expect(blobs.isBeingRead(digest)).to.equal(false)
  })

  it('leaves a sound file as it is when it is published again', async () => {
    const bytes = randomBytes(100)
    const digest = await keep(bytes)
    await read(blobs, digest)
    const { ino } = await stat(fileOf(digest))
    await keep(bytes)
    expect((await stat(fileOf(digest))).ino).to.equal(ino)
  })

  it('goes at the pace that it is told, and stops when it is told', async () => {
    const digest = await keep(randomBytes(LARGE))
    let bytes = 0
    await blobs.verify(digest, { pace: (read) => Promise.resolve(void (bytes += read)) })
    expect(bytes).to.equal(LARGE)
    const stop = new AbortController()
    const stopped = blobs.verify(digest, {
      signal: stop.signal,
      pace: () => {
        stop.abort(new Error('enough'))
        return Promise.resolve()
      },
    })
    expect((await rejection(stopped)).message).to.equal('enough')
    expect(blobs.isBeingRead(digest)).to.equal(false)
  })
})
