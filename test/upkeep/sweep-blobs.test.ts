import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { pruneReleases } from '../../server/upkeep/prune-releases.ts'
import { deleteUnusedBlobs, noteOrphans } from '../../server/upkeep/sweep-blobs.ts'
import { DAY, digestOfText, storedDigests, upkeepParts, type UpkeepParts } from './upkeep-support.ts'

const GRACE = 60 * 60 * 1000

describe('sweeping blobs', () => {
  let parts: UpkeepParts

  beforeEach(async () => {
    parts = await upkeepParts()
    for (let number = 1; number <= 7; number++) await parts.publish(`archive ${number}`)
    parts.clock.advance(100 * DAY)
  })

  const prune = () => pruneReleases(parts, { model: 'shop', policy: { keepReleases: 1 }, dryRun: false })
  const sweep = () => deleteUnusedBlobs(parts, GRACE)
  const pruned = [digestOfText('archive 1'), digestOfText('archive 2')].sort()

  /** What a crash leaves that comes between the blob and its release. */
  async function anOrphan(text: string): Promise<string> {
    const staged = await parts.blobs.stage()
    await staged.write(Buffer.from(text))
    await staged.commit()
    return staged.digest()
  }

  it('leaves a blob for the grace period after its last release, then deletes it', async () => {
    await prune()
    parts.clock.advance(GRACE)
    expect(await sweep()).to.deep.equal([])
    expect(await storedDigests(parts.blobs)).to.include.members(pruned)
    parts.clock.advance(1)
    expect(await sweep()).to.deep.equal(pruned)
    expect(await storedDigests(parts.blobs)).to.have.length(5)
    expect(await sweep()).to.deep.equal([])
  })

  it('leaves a blob that another release took up within the grace period', async () => {
    await prune()
    await parts.publish('archive 1', 'bank')
    parts.clock.advance(2 * GRACE)
    expect(await sweep()).to.deep.equal([digestOfText('archive 2')])
    expect(await storedDigests(parts.blobs)).to.include(digestOfText('archive 1'))
  })

  it('begins the grace period anew where a blob was taken up and freed again', async () => {
    await prune()
    parts.clock.advance(GRACE - 1000)
    await parts.publish('archive 1')
    for (let number = 10; number <= 14; number++) await parts.publish(`archive ${number}`)
    await prune()
    parts.clock.advance(2000)
    expect(await sweep()).to.deep.equal([digestOfText('archive 2')])
    parts.clock.advance(GRACE)
    expect(await sweep()).to.include(digestOfText('archive 1'))
  })

  it('leaves what is being read, and takes it the next time', async () => {
    await prune()
    parts.clock.advance(2 * GRACE)
    parts.beingRead.add(digestOfText('archive 1'))
    expect(await sweep()).to.deep.equal([digestOfText('archive 2')])
    parts.beingRead.clear()
    expect(await sweep()).to.deep.equal([digestOfText('archive 1')])
  })

  it('deletes nothing while a backup runs', async () => {
    await prune()
    parts.clock.advance(2 * GRACE)
    expect(
      await deleteUnusedBlobs({ ...parts, backupLock: { tryHold: () => undefined } }, GRACE),
    ).to.deep.equal([])
    expect(await sweep()).to.deep.equal(pruned)
  })

  it('deletes the others where the storage does not let one go, and says so in the end', async () => {
    await prune()
    parts.clock.advance(2 * GRACE)
    const [locked = ''] = pruned
    const blobs = Object.assign(Object.create(parts.blobs) as typeof parts.blobs, {
      delete: async (digest: string) => {
        if (digest === locked) throw new DomainError('storage-failed', 'It is locked.')
        await parts.blobs.delete(digest)
      },
    })
    const failure: unknown = await deleteUnusedBlobs(
      { ...parts, removal: parts.removalOf(blobs) },
      GRACE,
    ).catch((error: unknown) => error)
    expect(failure).to.have.property('message', 'It is locked.')
    expect(await storedDigests(parts.blobs))
      .to.have.length(6)
      .and.to.include(locked)
    expect(await sweep()).to.deep.equal([locked])
  })

  it('finds what a crash left, once, and deletes it after the grace period', async () => {
    const orphan = await anOrphan('left behind')
    expect(await noteOrphans(parts)).to.deep.equal({ orphans: [orphan], unknown: 0 })
    expect(await noteOrphans(parts)).to.deep.equal({ orphans: [], unknown: 0 })
    parts.clock.advance(2 * GRACE)
    expect(await sweep()).to.deep.equal([orphan])
  })

  it('deletes nothing where most of what is stored is unknown to the catalog', async () => {
    for (let index = 0; index < 8; index++) await anOrphan(`of another catalog ${index}`)
    const { orphans, unknown } = await noteOrphans(parts)
    expect({ orphans, unknown }).to.deep.equal({ orphans: [], unknown: 8 })
    const before = (await storedDigests(parts.blobs)).length
    parts.clock.advance(2 * GRACE)
    await sweep()
    expect(await storedDigests(parts.blobs)).to.have.length(before)
  })

  it('lets a retried publish adopt what a crash left', async () => {
    const orphan = await anOrphan('left behind')
    await noteOrphans(parts)
    await parts.publish('left behind')
    parts.clock.advance(2 * GRACE)
    expect(await sweep()).to.deep.equal([])
    expect(await storedDigests(parts.blobs)).to.include(orphan)
  })

  it('lets a publish wait that comes between looking and deleting', async () => {
    await anOrphan('raced')
    await noteOrphans(parts)
    parts.clock.advance(2 * GRACE)
    let publishing: Promise<unknown> = Promise.resolve()
    const blobs = Object.assign(Object.create(parts.blobs) as typeof parts.blobs, {
      delete: async (digest: string) => {
        publishing = parts.publish('raced')
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
        await parts.blobs.delete(digest)
      },
    })
    await deleteUnusedBlobs({ ...parts, removal: parts.removalOf(blobs) }, GRACE)
    await publishing
    expect(await storedDigests(parts.blobs)).to.include(digestOfText('raced'))
  })

  it('never deletes the blob of a release that is being published at that moment', async () => {
    for (let round = 0; round < 50; round++) {
      const text = `raced ${round}`
      await anOrphan(text)
      await noteOrphans(parts)
      parts.clock.advance(2 * GRACE)
      await Promise.all([parts.publish(text), sweep()])
      expect(await storedDigests(parts.blobs)).to.include(digestOfText(text))
    }
  })
})
