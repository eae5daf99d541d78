import { randomBytes } from 'node:crypto'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import { InMemoryBlobCache } from '../../server/blobs/in-memory-blob-cache.ts'
import { LocalDamageRegister } from '../../server/blobs/local-damage-register.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { VerifiedBlobs } from '../../server/blobs/verified-blobs.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('a damaged blob that many read at once from memory', () => {
  it('is given to none of them whole, and is in quarantine', async () => {
    const folder = await temporaryDirectory()
    const stored = new ObjectBlobs(new FilesystemStore(folder), () => Promise.resolve(undefined))
    const bytes = randomBytes(5 * 1024 * 1024)
    const staged = await stored.stage()
    await staged.write(bytes)
    await staged.commit()
    const digest = staged.digest()
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const file = files.find((entry) => entry.isFile() && entry.name.endsWith(digest))
    const at = path.join(file?.parentPath ?? '', file?.name ?? '')
    const flipped = Buffer.from(bytes)
    flipped[2_000_000]! ^= 1
    await chmod(at, 0o600)
    await writeFile(at, flipped)
    const damaged = new DamagedBlobs()
    const nothing = () => Promise.resolve()
    const listener = { damaged: nothing, healed: nothing }
    const register = new LocalDamageRegister(damaged, () => '2026-11-26T02:00:00.000Z', listener)
    const verified = new VerifiedBlobs(stored, register, () => Promise.resolve(bytes.byteLength))
    const blobs = new InMemoryBlobCache(verified)
    const readers = [await blobs.open(digest), await blobs.open(digest), await blobs.open(digest)]
    const outcomes = readers.map(async (reader) => {
      let taken = 0
      try {
        for await (const chunk of reader.chunks) taken += chunk.byteLength
        return { taken, code: undefined }
      } catch (error) {
        return { taken, code: (error as { code: string }).code }
      } finally {
        await reader.close()
      }
    })
    for (const { taken, code } of await Promise.all(outcomes)) {
      expect(taken).to.be.lessThan(bytes.byteLength)
      expect(code).to.equal('blob-damaged')
    }
    const next = await blobs.open(digest).catch((error: unknown) => error)
    expect(next).to.have.property('code', 'blob-damaged')
  })
})
