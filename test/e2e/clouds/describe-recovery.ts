import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import type { Release } from '../../../protocol/release.ts'
import { LEASE_KEY } from '../../../server/blobs/lease-record.ts'
import { ObjectChanged } from '../../../storage/object-store.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { getBytes } from '../../contracts/object-bytes.ts'
import { keysOf } from '../../support/store-access.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { spawnTool } from '../../upkeep/data-server.ts'
import { aBucket, lookInto, storageIn, type Cloud } from './cloud.ts'
import { startServer, type RunningServer } from './composed-server.ts'

const DONE = { exit: 0, says: '' }

/** How a lost machine, or a lost catalog, is brought back from the bucket. */
export function describeRecovery(cloudOf: () => Cloud): void {
  describe('as what a lost machine is restored from', function () {
    this.timeout(180_000)
    let cloud: Cloud
    let bucket: string
    let env: Record<string, string>
    beforeEach(async () => {
      cloud = cloudOf()
      bucket = await aBucket(cloud)
      env = storageIn(cloud, bucket)
    })

    async function run(
      tool: 'backup' | 'restore',
      args: string[],
      folder: string,
      variables = env,
    ): Promise<{ exit: number | null; says: string }> {
      const child = spawnTool(tool, args, { ...variables, DATA_DIR: path.join(folder, 'data') })
      const [says] = await Promise.all([text(child.stderr!), once(child, 'close')])
      return { exit: child.exitCode, says }
    }

    /** A server with two releases, `production` at the first; stopped once the bucket knows all of it. */
    async function aServerThatRan(backups: 'on' | 'off'): Promise<string> {
      const folder = await temporaryDirectory()
      const server = await startServer(folder, {
        ...env,
        ...(backups === 'on' ? {} : { SLIPWAY_BACKUP_TO: 'off' }),
      })
      await server.release(anArchive())
      await server.promote(1)
      await server.release(anArchive())
      if (backups === 'on') {
        const before = server.lines.length
        await eventually('a backup was taken', () =>
          server.lines.slice(before).some(({ msg }) => msg === 'backup_taken'),
        )
      }
      await recorded(2)
      await server.stop()
      return folder
    }

    /** Resolves when the bucket has a record of the release, and of the tags with it. */
    async function recorded(number: number, model = 'default'): Promise<void> {
      const store = await lookInto(cloud, bucket)
      await eventually(`release ${number} is recorded`, async () => {
        const key = `records/${model}/tags.json`
        if (!(await keysOf(store)).includes(key)) return false
        const record = await getBytes(store, key).catch((error: unknown) => {
          // The server may write it while it is read.
          if (error instanceof ObjectChanged) return undefined
          throw error
        })
        if (record === undefined) return false
        return (JSON.parse(record.toString()) as { nextNumber: number }).nextNumber > number
      })
    }

    const releasesOf = async (server: RunningServer): Promise<Release[]> =>
      ((await server.read('/api/v1/models/default/releases')) as { items: Release[] }).items
    const tagOf = async (server: RunningServer, tag: string): Promise<number> =>
      ((await server.read(`/api/v1/models/default/tags/${tag}`)) as { release: number }).release

    it('restores on an empty machine, by one command and a start, all that was there', async () => {
      await aServerThatRan('on')
      const folder = await temporaryDirectory()
      expect(await run('restore', [], folder)).to.deep.equal(DONE)
      const server = await startServer(folder, env)
      expect((await releasesOf(server)).map(({ number }) => number)).to.deep.equal([2, 1])
      expect(await tagOf(server, 'production')).to.equal(1)
      const history = (await server.read('/api/v1/models/default/tags/latest/history')) as {
        items: unknown[]
      }
      expect(history.items).to.have.length(2)
      expect((await fetch(`${server.url}/models/default`)).status).to.equal(200)
      expect((await server.release(anArchive())).number).to.be.above(1000)
    })

    it('brings back what was published and promoted after the last backup', async () => {
      const folder = await aServerThatRan('on')
      const later = await startServer(folder, { ...env, SLIPWAY_BACKUP_TO: 'off' })
      const third = await later.release(anArchive())
      await later.promote(3)
      await recorded(3)
      await eventually('the move of the tag is recorded', async () => {
        const tags = (await getBytes(await lookInto(cloud, bucket), 'records/default/tags.json')).toString()
        return (JSON.parse(tags) as { tags: { tag: string; release: number }[] }).tags.some(
          ({ tag, release }) => tag === 'production' && release === 3,
        )
      })
      await later.stop()
      const empty = await temporaryDirectory()
      expect(await run('restore', [], empty)).to.deep.equal(DONE)
      const server = await startServer(empty, env)
      const [newest] = await releasesOf(server)
      expect(newest).to.deep.include({ number: 3, digest: third.digest, filename: third.filename })
      expect(await tagOf(server, 'production')).to.equal(3)
    })

    it('makes the catalog anew from the records alone where there is no backup', async () => {
      await aServerThatRan('off')
      const folder = await temporaryDirectory()
      expect(await run('restore', [], folder)).to.deep.equal(DONE)
      const server = await startServer(folder, env)
      expect((await releasesOf(server)).map(({ number }) => number)).to.deep.equal([2, 1])
      expect(await tagOf(server, 'production')).to.equal(1)
      expect((await server.release(anArchive())).number).to.be.above(1000)
    })

    it('forgets the record of a release that was pruned', async () => {
      const folder = await aServerThatRan('off')
      const server = await startServer(folder, env)
      await server.promote(2)
      await fetch(`${server.url}/api/v1/models/default/tags/production`, { method: 'DELETE' })
      const deleted = await fetch(`${server.url}/api/v1/models/default/releases/1`, { method: 'DELETE' })
      expect(deleted.status).to.equal(204)
      const store = await lookInto(cloud, bucket)
      await eventually(
        'its record is gone',
        async () => !(await keysOf(store)).includes('records/default/releases/1.json'),
      )
    })

    it('is backed up into a folder too, without its archives, and restored from there', async () => {
      const folder = await aServerThatRan('off')
      const backup = path.join(await temporaryDirectory(), 'backup')
      expect(await run('backup', [backup], folder)).to.deep.equal(DONE)
      expect(await readdir(backup)).not.to.include('blobs')
      const empty = await temporaryDirectory()
      expect(await run('restore', [backup], empty)).to.deep.equal(DONE)
      const server = await startServer(empty, env)
      expect((await releasesOf(server)).map(({ number }) => number)).to.deep.equal([2, 1])
    })

    it('is backed up with its archives where asked to, and restored into files', async () => {
      const folder = await aServerThatRan('off')
      const backup = path.join(await temporaryDirectory(), 'backup')
      expect(await run('backup', [backup, '--with-blobs'], folder)).to.deep.equal(DONE)
      const empty = await temporaryDirectory()
      expect(await run('restore', [backup], empty, {})).to.deep.equal(DONE)
      const server = await startServer(empty, {})
      expect((await fetch(`${server.url}/models/default`)).status).to.equal(200)
    })

    it('takes the backup of a server that keeps its archives in files', async () => {
      const folder = await temporaryDirectory()
      const first = await startServer(folder, {})
      await first.release(anArchive())
      await first.stop()
      const url = `${cloud.scheme}://${bucket}/kept`
      expect(await run('backup', [url], folder, cloud.env())).to.deep.equal(DONE)
      expect(await run('backup', [url], folder, cloud.env())).to.deep.equal(DONE)
      const empty = await temporaryDirectory()
      expect(await run('restore', [url], empty, cloud.env())).to.deep.equal(DONE)
      const server = await startServer(empty, {})
      expect((await fetch(`${server.url}/models/default`)).status).to.equal(200)
    })

    it('loses no archive to an empty catalog that takes it over', async () => {
      await aServerThatRan('off')
      const store = await lookInto(cloud, bucket)
      const archives = async () => (await keysOf(store)).filter((key) => key.startsWith('sha256/'))
      expect(await archives()).to.have.length(2)
      await store.delete(LEASE_KEY)
      const server = await startServer(await temporaryDirectory(), { ...env, SLIPWAY_GRACE_MINUTES: '1' })
      await eventually('the server says what it found', () =>
        server.lines.some(({ msg }) => msg === 'blobs_unknown'),
      )
      const status = (await server.read('/api/v1/status')) as {
        warnings: { code: string; message: string }[]
      }
      const warning = status.warnings.find(({ code }) => code === 'blobs-unknown')
      expect(warning?.message).to.match(/slipway restore/)
      expect(await archives()).to.have.length(2)
    })
  })
}
