import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PullFailure } from '../../client/index.ts'
import { lockFolder } from '../../client/install/folder-lock.ts'
import { thisHolder } from '../../client/install/lock-holder.ts'
import { anArchive } from '../support/archive-builder.ts'
import { pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { serveArchive } from '../support/serve-archive.ts'
import { skipTest } from '../support/skip-test.ts'
import { smallVolume } from '../support/small-volume.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const { signal } = new AbortController()

async function lockFile(): Promise<string> {
  const folder = path.join(await temporaryDirectory(), '.slipway')
  await mkdir(folder)
  return path.join(folder, 'lock')
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => undefined).catch((error: unknown) => error)
}

describe('the lock of a folder', () => {
  it('lets one in at a time', async () => {
    const file = await lockFile()
    const lock = await lockFolder(file, 0, signal)
    const failure = await failureOf(lockFolder(file, 0, signal))
    expect(failure).to.be.instanceOf(PullFailure).with.property('kind', 'disk')
    await lock.release()
    await (await lockFolder(file, 0, signal)).release()
  })

  it('leaves nothing behind on a full disk, where it cannot be taken', async function () {
    const folder = (await smallVolume(64)) ?? skipTest(this, 'needs the right to mount')
    await writeFile(path.join(folder, 'filler'), Buffer.alloc(1024 * 1024)).catch(() => undefined)
    const failure = await failureOf(lockFolder(path.join(folder, 'lock'), 0, signal))
    expect(failure).to.have.property('code', 'ENOSPC')
    expect(await readdir(folder)).to.deep.equal(['filler'])
  })

  it('is waited for', async () => {
    const file = await lockFile()
    const lock = await lockFolder(file, 0, signal)
    const waiting = lockFolder(file, 5000, signal)
    await lock.release()
    await (await waiting).release()
  })

  it('goes to one only of many that come at once', async () => {
    const file = await lockFile()
    const found = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(file, 0, signal)))
    const locks = found.filter((each) => each.status === 'fulfilled')
    expect(locks).to.have.length(1)
    await locks[0]?.value.release()
  })

  it('of a dead process in our namespace is taken over at once', async () => {
    const file = await lockFile()
    const child = spawn('true')
    await once(child, 'exit')
    await writeFile(file, JSON.stringify({ ...(await thisHolder('x')), pid: child.pid ?? 0, started: '1' }))
    await (await lockFolder(file, 0, signal)).release()
  })

  it('of a process that has our pid but started at another time is taken over', async () => {
    const file = await lockFile()
    await writeFile(file, JSON.stringify({ ...(await thisHolder('x')), started: '1' }))
    await (await lockFolder(file, 0, signal)).release()
  })

  for (const elsewhere of [{ namespace: 'pid:[1]' }, { boot: 'another' }]) {
    it(`of another ${Object.keys(elsewhere).join()} is respected while its heart beats, and taken over after`, async () => {
      const file = await lockFile()
      await writeFile(file, JSON.stringify({ ...(await thisHolder('x')), ...elsewhere }))
      expect(await failureOf(lockFolder(file, 0, signal))).to.be.instanceOf(PullFailure)
      const long = Date.now() / 1000 - 60
      await utimes(file, long, long)
      await (await lockFolder(file, 0, signal)).release()
    })
  }

  it('that says nothing is taken over once it is old', async () => {
    const file = await lockFile()
    await writeFile(file, '')
    expect(await failureOf(lockFolder(file, 0, signal))).to.be.instanceOf(PullFailure)
    await utimes(file, 1, 1)
    await (await lockFolder(file, 0, signal)).release()
  })

  it('that was lost is noticed, and not given back to anybody else', async () => {
    const file = await lockFile()
    const lock = await lockFolder(file, 0, signal)
    await writeFile(file, 'somebody else')
    expect(await lock.isHeld()).to.equal(false)
    await lock.release()
    expect(await readFile(file, 'utf8')).to.equal('somebody else')
  })

  it('has two pullers of one folder work one after the other', async () => {
    const server = await lyingServer(serveArchive(anArchive()))
    const to = await temporaryDirectory()
    const events = await Promise.all([1, 2].map(() => pullerOf(server.url, to, { idleTimeout: 5000 }).pull()))
    expect(events.map(({ event }) => event)).to.have.members(['installed', 'unchanged'])
  })
})
