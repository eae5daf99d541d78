import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { shortOrLong } from '../support/long-form.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, releasesOf, spawnServer } from './data-server.ts'

const ROUNDS = Number(
  process.env['KILL_ROUNDS'] ?? shortOrLong('pruning, killed: 2 rounds instead of 5', { short: 2, long: 5 }),
)

describe('pruning, killed', function () {
  this.timeout(60_000 + ROUNDS * 240_000)

  it('leaves no tag without its release, no release without its blob, and no number given twice', async () => {
    const dataDir = path.join(await temporaryDirectory(), 'data')
    let highest = 0
    let killedMidway = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { url, child } = await spawnServer(dataDir)
      // As many at once as the server takes from one address, and some fewer.
      for (let published = 0; published < 100; published += 20) {
        const publishes = Array.from({ length: 20 }, () =>
          publishTo(url, anArchive(), 'shop', '?tag=production'),
        )
        for (const { number } of await Promise.all(publishes)) highest = Math.max(highest, number)
      }
      const body = JSON.stringify({ keepReleases: 1, keepHistory: 2 })
      const headers = { 'content-type': 'application/json' }
      const before = await countBlobs(dataDir)
      const prune = { isAnswered: false }
      const pruning = fetch(`${url}/api/v1/models/shop/prune`, { method: 'POST', body, headers }).then(
        () => (prune.isAnswered = true),
        () => undefined,
      )
      // At once in the first round, then later and later among the blobs that go.
      const gone = round * 12
      await eventually(
        'the blobs went',
        async () => prune.isAnswered || before - (await countBlobs(dataDir)) >= gone,
        120_000,
      )
      if (!prune.isAnswered) killedMidway++
      child.kill('SIGKILL')
      await once(child, 'exit')
      await pruning

      const again = await spawnServer(dataDir)
      for (const { digest } of await releasesOf(again.url)) {
        const folder = path.join(dataDir, 'blobs/sha256', digest.slice(0, 2))
        expect(await readdir(folder)).to.include(digest)
      }
      for (const tag of ['latest', 'production'])
        expect((await fetch(`${again.url}/models/shop@${tag}`)).status).to.equal(200)
      const next = await publishTo(again.url, anArchive())
      expect(next.number).to.be.above(highest)
      highest = next.number
      again.child.kill('SIGKILL')
      await once(again.child, 'exit')
    }
    expect(killedMidway).to.be.above(0)
  })
})

async function countBlobs(dataDir: string): Promise<number> {
  const names = await readdir(path.join(dataDir, 'blobs/sha256'), { recursive: true })
  return names.filter((name) => path.basename(name).length === 64).length
}
