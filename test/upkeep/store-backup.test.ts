import path from 'node:path'
import { expect } from 'chai'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { backUpToStore, readStoreManifest, storedBlobKey } from '../../server/tools/backup/store-backup.ts'
import { ToolFailure } from '../../server/tools/tool-failure.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { anArchive } from '../support/archive-builder.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, releasesOf, serveFolder } from './data-server.ts'

const MINUTE = 60_000

describe('backups in a store that bring the archives along', function () {
  this.timeout(60_000)
  let dataDir: string
  let target: MemoryStore
  let now: number
  beforeEach(async () => {
    dataDir = path.join(await temporaryDirectory(), 'data')
    target = new MemoryStore()
    now = Date.parse('2026-11-26T10:00:00Z')
  })

  async function backUp(): Promise<void> {
    now += MINUTE
    const store = await openStore({ kind: 'filesystem', root: path.join(dataDir, 'blobs') })
    const blobs = new ObjectBlobs(store, () => Promise.resolve(undefined))
    const catalog = { file: path.join(dataDir, 'catalog.sqlite') }
    const place = { catalog, scratch: dataDir, target, prefix: 'b/', blobs }
    await backUpToStore({ ...place, copyBlobs: true, keptCopies: 3, now })
  }

  const isKept = async (digest: string): Promise<boolean> =>
    (await target.stat(storedBlobKey('b/', digest))) !== undefined

  /** A server with three releases that were backed up; digests by number. */
  async function threeReleases(): Promise<{ url: string; digests: Record<1 | 2 | 3, string> }> {
    const { url } = await serveFolder(dataDir)
    const published = []
    for (let number = 1; number <= 3; number++) published.push(await publishTo(url, anArchive()))
    await backUp()
    const [first, second, third] = published.map(({ digest }) => digest)
    return { url, digests: { 1: first!, 2: second!, 3: third! } }
  }

  /** Prunes all but the newest release; the numbers of those that went. */
  async function prune(url: string): Promise<number[]> {
    const answer = await fetch(`${url}/api/v1/models/shop/prune`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ keepReleases: 1, keepHistory: 1 }),
    })
    return ((await answer.json()) as { pruned: { number: number }[] }).pruned.map(({ number }) => number)
  }

  it('keep archives of pruned releases as long as a copy of the catalog names them, and no longer', async () => {
    const { url, digests } = await threeReleases()
    // No bot has polled: the rollout of release 3 is under way, and may go back to release 2.
    expect(await prune(url)).to.deep.equal([1])
    // The copy of the catalog from before the pruning is one of three for two backups more.
    for (let backups = 1; backups <= 2; backups++) {
      await backUp()
      expect(await isKept(digests[1])).to.equal(true)
    }
    await backUp()
    const kept = [await isKept(digests[1]), await isKept(digests[2]), await isKept(digests[3])]
    expect(kept).to.deep.equal([false, true, true])
  })

  it('keep what older copies name, and the newest copy, when the clock is set back', async () => {
    const { url, digests } = await threeReleases()
    await prune(url)
    now -= 24 * 60 * MINUTE
    for (let backups = 1; backups <= 2; backups++) {
      await backUp()
      expect(await isKept(digests[1])).to.equal(true)
    }
    await backUp()
    expect(await isKept(digests[1])).to.equal(false)
    const manifest = await readStoreManifest(target, 'b/')
    expect(manifest?.takenAt).to.equal(new Date(now).toISOString())
    expect(await target.stat(`b/${manifest!.catalog.file}`)).not.to.equal(undefined)
    expect((await releasesOf(url)).map(({ number }) => number)).to.deep.equal([3, 2])
  })

  /** Has something else happen before the first commit of a key that begins so. */
  function pauseAt(prefix: string, meanwhile: () => Promise<void>): void {
    const stage = target.stage.bind(target)
    target.stage = async () => {
      const staged = await stage()
      const commit = staged.commit.bind(staged)
      staged.commit = async (key, options) => {
        if (key.startsWith(prefix) && target.stage !== stage) {
          target.stage = stage
          await meanwhile()
        }
        return commit(key, options)
      }
      return staged
    }
  }

  for (const [when, key] of [
    ['before its own was whole', 'b/catalog-'],
    ['when its own was whole but for the manifest', 'b/manifest'],
  ] as const) {
    it(`are refused where another one went to the same place ${when}, and remove nothing`, async () => {
      const { url, digests } = await threeReleases()
      expect(await prune(url)).to.deep.equal([1])
      await backUp()
      await backUp()
      pauseAt(key, backUp)
      const refusal = await rejection(backUp())
      expect(refusal).to.be.instanceOf(ToolFailure)
      expect((refusal as Error).message).to.include('Another backup went to')
      const manifest = await readStoreManifest(target, 'b/')
      expect(await target.stat(`b/${manifest!.catalog.file}`)).not.to.equal(undefined)
      for (const digest of [digests[2], digests[3]]) expect(await isKept(digest)).to.equal(true)
      await backUp()
    })
  }
})
