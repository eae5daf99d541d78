import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Release } from '../../protocol/release.ts'
import { LEASE_KEY, parseLease } from '../../server/blobs/lease-record.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { GroupClients } from '../support/history/group-clients.ts'
import { withServerGroups } from '../support/server-group.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const DEADLINE = 120_000

/** Whether a bucket waits for nobody: its servers have given it up. */
async function isGivenUp(bucketFolder: string): Promise<boolean> {
  const lease = await readFile(path.join(bucketFolder, LEASE_KEY), 'utf8')
  return parseLease(lease).released
}

describe('three servers that start at once over an empty database and an empty bucket', function () {
  this.timeout(600_000)
  const groups = withServerGroups()

  it('take changes, lose nothing where two of them stop at once, and the last one records what was changed last', async () => {
    const group = await groups.group()
    const servers = await Promise.all([group.start(), group.start(), group.start()])
    const [one, two, last] = servers
    for (const { url, lines } of servers) {
      const answer = await fetch(`${url}/readyz`)
      expect(await answer.json(), JSON.stringify(lines)).to.deep.include({ pulls: true, writes: true })
    }
    const clients = new GroupClients('shop')
    afterThisTest(() => clients.stop())
    for (const { url } of servers) {
      clients.publishAt([url])
      clients.moveAt([url])
    }
    const goesOn = async (what: string): Promise<void> => {
      const before = clients.acknowledged
      await eventually(what, () => clients.acknowledged >= before + 10, DEADLINE)
    }
    await goesOn('they take changes')
    for (const server of [one, two]) server.kill('SIGTERM')
    expect(await Promise.all([one.ended, two.ended])).to.deep.equal([0, 0])
    await goesOn('the last one takes changes')
    await clients.stop()
    expect(await clients.faults([last.url])).to.deep.equal([])

    const answer = await fetch(`${last.url}/models/shop?tag=production`, {
      method: 'POST',
      body: Uint8Array.from(anArchive({ payloadBytes: 70_000 })),
    })
    expect(answer.status).to.equal(201)
    last.kill('SIGTERM')
    const { number } = (await answer.json()) as Release
    expect(await last.ended).to.equal(0)
    const record = await readFile(path.join(group.bucketFolder, 'records/shop/tags.json'), 'utf8')
    const { tags } = JSON.parse(record) as { tags: { tag: string; release: number }[] }
    expect(tags.find(({ tag }) => tag === 'production')?.release).to.equal(number)
    expect(await isGivenUp(group.bucketFolder)).to.equal(true)
    const logged = servers.flatMap(({ lines }) => lines.filter(({ level }) => level >= 50))
    expect(logged).to.deep.equal([])
    expect(last.lines.map(({ msg }) => msg)).to.include.members(['housekeeping_begun', 'housekeeping_ended'])
  })

  it('leave the bucket to others where all of them stop at once', async () => {
    const group = await groups.group()
    const servers = await Promise.all([group.start(), group.start()])
    expect(await isGivenUp(group.bucketFolder)).to.equal(false)
    for (const server of servers) server.kill('SIGTERM')
    expect(await Promise.all(servers.map(({ ended }) => ended))).to.deep.equal([0, 0])
    expect(await isGivenUp(group.bucketFolder)).to.equal(true)
  })
})
