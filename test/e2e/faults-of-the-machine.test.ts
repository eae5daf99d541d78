import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { Problem } from '../../protocol/problem.ts'
import type { Release } from '../../protocol/release.ts'
import type { MadeToken } from '../../protocol/token.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { canInjectFaults, injectFaults } from '../support/inject-faults.ts'
import { skipTest } from '../support/skip-test.ts'
import { startServer, type RunningServer } from '../support/start-server.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const first = anArchive()
const second = anArchive()

/** libuv would otherwise hand file operations to the kernel in a way that strace does not see. */
const env = { UV_USE_IO_URING: '0' }

interface Answer {
  status: number
  body: Release & Problem
  retryAfter: string | null
}

async function publish({ url }: RunningServer, archive: Uint8Array | ReadableStream): Promise<Answer> {
  const body = archive instanceof ReadableStream ? archive : Uint8Array.from(archive)
  const answer = await fetch(`${url}/models/shop`, { method: 'POST', body, duplex: 'half' })
  return {
    status: answer.status,
    body: (await answer.json()) as Release & Problem,
    retryAfter: answer.headers.get('retry-after'),
  }
}

async function latest({ url }: RunningServer): Promise<string | null> {
  const answer = await fetch(`${url}/models/shop`)
  await answer.arrayBuffer()
  return answer.headers.get('slipway-release')
}

async function filesOf({ folder }: RunningServer): Promise<string[]> {
  const all = await readdir(path.join(folder, 'data/blobs'), { recursive: true, withFileTypes: true })
  return all.filter((entry) => entry.isFile()).map(({ name }) => name)
}

describe('a server that is killed at a step of a publish', function () {
  this.timeout(60_000)

  before(function () {
    if (!canInjectFaults()) skipTest(this, 'strace cannot be used here')
  })

  const steps: [step: string, fault: string, isPublished: boolean][] = [
    ['as the archive is flushed', 'fsync:signal=KILL', false],
    ['as the archive gets its name', 'link,linkat:signal=KILL', false],
    ['as the catalog is written', 'pwrite64:signal=KILL', false],
    ['as the answer is sent', 'writev:signal=KILL', true],
  ]
  for (const [step, fault, isPublished] of steps) {
    it(`${step} has ${isPublished ? 'published it' : 'published nothing'}, and hears it again`, async () => {
      const before = await startServer({ env })
      expect((await publish(before, first)).status).to.equal(201)
      await injectFaults(before.pid, fault)
      const failure = await publish(before, second).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(TypeError)
      await before.ended

      const after = await startServer({ folder: before.folder })
      expect(await latest(after)).to.equal(isPublished ? '2' : '1')
      const again = await publish(after, second)
      expect([again.status, again.body.number]).to.deep.equal([isPublished ? 200 : 201, 2])
      if (isPublished) {
        const line = await eventually('it is logged', () => {
          return after.lines.find(({ event }) => event === 'publish_replayed')
        })
        expect(line).to.include({ model: 'shop' })
      }
      // Nothing is left over but the two archives.
      expect(await filesOf(after)).to.have.length(2)
    })
  }
})

describe('a disk that fails', function () {
  this.timeout(60_000)

  before(function () {
    if (!canInjectFaults()) skipTest(this, 'strace cannot be used here')
  })

  it('to flush an archive: 500, no changes, nothing published; changes again after a write that succeeds', async () => {
    const server = await startServer({ env })
    await publish(server, first)
    const heal = await injectFaults(server.pid, 'fsync:error=EIO')
    const { status, body } = await publish(server, second)
    expect([status, body.code]).to.deep.equal([500, 'storage-failed'])
    const ready = await fetch(`${server.url}/readyz`)
    expect(ready.status).to.equal(200)
    expect(await ready.json()).to.include({ pulls: true, writes: false, code: 'storage-unavailable' })
    expect(
      await eventually('it is logged', () => server.lines.find(({ msg }) => msg === 'fsync_failed')),
    ).to.include({ model: 'shop', level: 50 })
    expect(await latest(server)).to.equal('1')
    expect(await filesOf(server)).to.have.length(1)
    await heal()
    expect((await publish(server, second)).status).to.equal(201)
    expect(await (await fetch(`${server.url}/readyz`)).json()).to.deep.equal({ pulls: true, writes: true })
  })

  it('to read an archive: 500 before the header fields, and 304s go on', async () => {
    const server = await startServer({ env })
    const { body: release } = await publish(server, first)
    const heal = await injectFaults(server.pid, 'pread64:error=EIO')
    const answer = await fetch(`${server.url}/models/shop`)
    expect([answer.status, ((await answer.json()) as Problem).code]).to.deep.equal([500, 'storage-failed'])
    const poll = await fetch(`${server.url}/models/shop`, {
      headers: { 'If-None-Match': `"${release.digest}"` },
    })
    expect(poll.status).to.equal(304)
    expect(
      await eventually('it is logged', () => server.lines.find(({ msg }) => msg === 'blob_read_error')),
    ).to.include({ digest: release.digest })
    await heal()
    expect(await latest(server)).to.equal('1')
  })
})

describe('a disk that is full', function () {
  this.timeout(60_000)

  /** A folder on a volume of a few megabytes. */
  async function smallVolume(context: Mocha.Context): Promise<string> {
    const folder = await temporaryDirectory()
    await mkdir(path.join(folder, 'data'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path.join(folder, 'data')], {
        stdio: 'ignore',
      })
    } catch {
      skipTest(context, 'small volumes cannot be mounted here')
    }
    afterThisTest(() => {
      execFileSync('umount', ['--lazy', path.join(folder, 'data')])
    })
    return folder
  }

  it('in the middle of an upload is a 507; what is there is served, and what fits is taken', async function () {
    const server = await startServer({ folder: await smallVolume(this) })
    await publish(server, first)
    const large = anArchive({ payloadBytes: 6_000_000 })
    const chunks = new ReadableStream({
      start(controller) {
        for (let start = 0; start < large.length; start += 65_536) {
          controller.enqueue(large.subarray(start, start + 65_536))
        }
        controller.close()
      },
    })
    const streamed = await publish(server, chunks)
    expect([streamed.status, streamed.body.code, streamed.retryAfter]).to.deep.equal([507, 'disk-full', '60'])
    expect(
      await eventually('it is logged', () => server.lines.find(({ msg }) => msg === 'disk_full')),
    ).to.include({ model: 'shop' })
    expect(await latest(server)).to.equal('1')
    expect(await filesOf(server)).to.have.length(1)
    expect((await publish(server, second)).status).to.equal(201)
  })

  it('to its last byte can still be pruned, and tokens be revoked: a ballast makes way, and comes back', async function () {
    const folder = await smallVolume(this)
    const server = await startServer({ folder, env: { SLIPWAY_MIN_FREE_BYTES: '1B' } })
    const data = path.join(folder, 'data')
    for (let number = 1; number <= 5; number++) await publish(server, anArchive())
    await eventually('there is a ballast', async () => (await readdir(data)).includes('ballast'))
    const headers: Record<string, string> = { 'Content-Type': 'application/json' }
    const call = (method: string, address: string, body?: object) =>
      fetch(`${server.url}/api/v1/${address}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers,
      })
    const made = (await (await call('POST', 'tokens', { name: 'ada', allow: ['admin'] })).json()) as MadeToken
    headers['Authorization'] = `Bearer ${made.secret}`
    expect((await call('POST', 'tokens', { name: 'stolen', allow: ['read'] })).status).to.equal(201)
    execFileSync('bash', ['-c', 'cat /dev/zero > "$1/filler" 2> /dev/null || true', '-', data])
    expect((await call('DELETE', 'tokens/stolen')).status).to.equal(204)
    const prune = () => call('POST', 'models/shop/prune', { keepReleases: 1, keepHistory: 1 })
    const pruned = await prune()
    expect(pruned.status, await pruned.text()).to.equal(200)
    await rm(path.join(data, 'filler'))
    expect((await prune()).status).to.equal(200)
    server.kill('SIGTERM')
    await server.ended
    await startServer({ folder })
    await eventually('it is back', async () => (await readdir(data)).includes('ballast'))
  })

  it('is foreseen where the length of an upload is known', async function () {
    const server = await startServer({ folder: await smallVolume(this) })
    const { status, body } = await publish(server, anArchive({ payloadBytes: 5_000_000 }))
    expect([status, body.code]).to.deep.equal([507, 'disk-full'])
    expect(body).to.include.keys('freeBytes', 'reservedBytes')
  })
})

describe('a catalog that another program holds', function () {
  this.timeout(60_000)

  it('makes a publish a 503 after five seconds, and polls go on', async () => {
    const server = await startServer()
    const { body: release } = await publish(server, first)
    const other = new Database(path.join(server.folder, 'data/catalog.sqlite'))
    afterThisTest(() => other.close())
    other.exec('begin immediate')
    const publishing = publish(server, second)
    const slowest = { milliseconds: 0 }
    await eventually('the publish is answered', async () => {
      const began = performance.now()
      const poll = await fetch(`${server.url}/models/shop`, {
        headers: { 'If-None-Match': `"${release.digest}"` },
      })
      expect(poll.status).to.equal(304)
      slowest.milliseconds = Math.max(slowest.milliseconds, performance.now() - began)
      return Promise.race([publishing.then(() => true), new Promise<false>((r) => setTimeout(r, 20, false))])
    })
    const { status, body, retryAfter } = await publishing
    expect([status, body.code, retryAfter]).to.deep.equal([503, 'catalog-busy', '1'])
    expect(slowest.milliseconds, 'the slowest poll meanwhile').to.be.lessThan(2_000)
    other.exec('rollback')
    expect((await publish(server, second)).status).to.equal(201)
  })
})
