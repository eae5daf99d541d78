import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { LocalDamageRegister } from '../../server/blobs/local-damage-register.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { VerifiedBlobs } from '../../server/blobs/verified-blobs.ts'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import { pauseAfter, ROUND_MILLISECONDS } from '../../server/upkeep/scrub-pace.ts'
import { damageLog } from '../../server/composition/logging/damage-log.ts'
import { scrubNext } from '../../server/upkeep/scrub-storage.ts'
import { DAY, upkeepParts, type UpkeepParts } from './upkeep-support.ts'
import { keptLog } from '../support/log-lines.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'

describe('the scrubber', () => {
  it('hashes every blob once a round, and goes on after a restart where it was', async () => {
    const parts = await upkeepParts()
    for (let number = 1; number <= 5; number++) await parts.publish(`archive ${number}`)
    const hashed: string[] = []
    const verifier = {
      verify: (digest: string) => {
        hashed.push(digest)
        return Promise.resolve('sound' as const)
      },
    }
    const next = () => scrubNext({ ...parts, verifier, rest: () => Promise.resolve() })
    for (let step = 0; step < 3; step++) await next()
    const early = [...hashed]
    for (let step = 0; step < 2; step++) await next()
    expect(hashed).to.deep.equal([...hashed].sort())
    expect(new Set(hashed).size).to.equal(5)
    expect(early).to.deep.equal(hashed.slice(0, 3))
    await next()
    expect((await parts.catalog.findTaskProgress('scrub'))?.completedAt).to.be.a('string')
    await next()
    expect(hashed[5]).to.equal(hashed[0])
  })

  it('comes round within 7 days, whatever the sizes, and rests between', async () => {
    const parts = await upkeepParts()
    for (let number = 1; number <= 40; number++) await parts.publish('x'.repeat(number * number * 500))
    const verifier = { verify: () => Promise.resolve('sound' as const) }
    const begun = parts.clock.now()
    let longest = 0
    for (let step = 0; step < 41; step++) {
      const pause = await scrubNext({ ...parts, verifier, rest: () => Promise.resolve() })
      longest = Math.max(longest, pause)
      parts.clock.advance(pause)
    }
    const days = (parts.clock.now() - begun) / DAY
    expect(days).to.be.within(5, 7)
    expect(longest).to.be.at.most(6 * 60 * 60 * 1000)
  })

  it('does not rest when it is late', () => {
    expect(pauseAfter(1000, { blobs: 5, bytes: 5000 }, -1)).to.equal(0)
    expect(pauseAfter(1000, { blobs: 0, bytes: 0 }, ROUND_MILLISECONDS)).to.be.above(0)
  })

  it('finds a flipped bit, quarantines the blob, and remembers that', async () => {
    const folder = await temporaryDirectory()
    const stored = new ObjectBlobs(new FilesystemStore(folder), () => Promise.resolve(undefined))
    const parts = await upkeepParts()
    const { logger, lines } = keptLog()
    const damaged = new DamagedBlobs()
    const register = new LocalDamageRegister(
      damaged,
      () => new Date().toISOString(),
      damageLog(parts.catalog, logger),
    )
    const blobs = new VerifiedBlobs(stored, register, (digest) => parts.catalog.digestSize(digest))
    const kept = upkeepPartsOver(parts, blobs)
    await kept.publish('rots')
    const [name] = (await readdir(folder, { recursive: true })).filter((each) => /[0-9a-f]{64}$/.test(each))
    const file = path.join(folder, name!)
    const bytes = await readFile(file)
    await chmod(file, 0o644)
    await writeFile(file, Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)]))
    await scrubNext({ ...parts, verifier: blobs, rest: () => Promise.resolve() })
    expect(lines.map(({ msg }) => msg)).to.include('blob_quarantined')
    expect(await parts.catalog.listDamagedBlobs()).to.have.length(1)
    const events = await parts.catalog.listEventsAfter(0, 100)
    expect(events.at(-1)).to.deep.include({
      kind: 'blob.damaged',
      body: { digest: path.basename(name!), kind: 'damaged' },
    })
    await kept.publish('rots')
    expect(await parts.catalog.listDamagedBlobs()).to.deep.equal([])
    expect(damaged.size).to.equal(0)
  })
})

function upkeepPartsOver(parts: UpkeepParts, blobs: VerifiedBlobs) {
  const over = { ...parts, blobs }
  return { publish: (text: string) => parts.publishOver(over, text) }
}
