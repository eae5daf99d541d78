import { existsSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { Ballast } from '../../server/upkeep/ballast.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const BYTES = 300_000

async function aBallast(freeBytes: number | (() => number) = 10 * BYTES): Promise<{
  ballast: Ballast
  file: string
  size: () => Promise<number>
}> {
  const free = typeof freeBytes === 'number' ? () => freeBytes : freeBytes
  const file = path.join(await temporaryDirectory(), 'ballast')
  return {
    file,
    ballast: new Ballast(file, { bytes: BYTES, freeBytes: async () => free() }),
    size: () =>
      stat(file).then(
        // What it takes on the disk: blocks of 512 bytes.
        ({ blocks }) => blocks * 512,
        () => 0,
      ),
  }
}

/** Work that a full disk fails so often. */
function failing(times: number): () => Promise<string> {
  let left = times
  return () => {
    if (left-- > 0) return Promise.reject(new DomainError('disk-full', 'full'))
    return Promise.resolve('done')
  }
}

describe('the ballast', () => {
  it('takes room on the disk, once', async () => {
    const { ballast, size } = await aBallast()
    expect(await Promise.all([ballast.take(), ballast.take()])).to.deep.equal([true, true])
    expect(await size()).to.be.within(BYTES, BYTES + 8_192)
    expect(await ballast.take()).to.equal(true)
  })

  it('leaves the last room to others', async () => {
    const { ballast, size } = await aBallast(BYTES + 1)
    expect([await ballast.take(), await size()]).to.deep.equal([false, 0])
  })

  it('is given up for work that the full disk fails, and taken back', async () => {
    const { ballast, size } = await aBallast()
    await ballast.take()
    let during = -1
    const work = failing(1)
    const outcome = await ballast.makeWayFor(async () => {
      during = await size()
      return work()
    })
    expect([outcome, during]).to.deep.equal(['done', 0])
    expect(await size()).to.be.greaterThan(0)
  })

  it('makes way for all who meet the full disk at once', async () => {
    let free = 10 * BYTES
    const { ballast } = await aBallast(() => free)
    await ballast.take()
    free = 0
    const first = ballast.makeWayFor(failing(1))
    const second = failing(1)
    // It fails only when the first has done its work, and the ballast is gone.
    const later = ballast.makeWayFor(() => first.then(second))
    expect(await Promise.all([first, later])).to.deep.equal(['done', 'done'])
  })

  it('is given up, too, where the volume had another size before, and taken anew', async () => {
    const { ballast, size, file } = await aBallast()
    await writeFile(file, Buffer.alloc(BYTES / 2, 1))
    expect(await ballast.makeWayFor(failing(1))).to.equal('done')
    expect(await size()).to.be.within(BYTES, BYTES + 8_192)
  })

  it('refuses nothing while it is being taken, which takes the room that is looked for', async () => {
    let file = ''
    const made = await aBallast(() => (existsSync(`${file}.new`) ? BYTES : 2 * BYTES))
    file = made.file
    const { ballast } = made
    const taking = ballast.take()
    for (let turn = 0; turn < 20; turn++) await Promise.all([ballast.requireRoom(), nextTurn()])
    expect(await taking).to.equal(true)
  })

  it('is taken before others take the room that has become free, also where it was missing from the start', async () => {
    let free = 0
    const { ballast, size } = await aBallast(() => free)
    await ballast.take()
    free = 10 * BYTES
    await ballast.requireRoom()
    expect(await size()).to.be.greaterThan(0)
  })

  it('says that others wait from when the disk had no room for them until it has', async () => {
    let free = 10 * BYTES
    const { ballast } = await aBallast(() => free)
    await ballast.take()
    free = 0
    expect(await ballast.areOthersWaiting()).to.equal(false)
    await ballast.afterOthers(failing(1)).catch(() => undefined)
    expect(await ballast.areOthersWaiting()).to.equal(true)
    await ballast.afterOthers(failing(0))
    expect(await ballast.areOthersWaiting()).to.equal(false)
  })

  it('refuses what can wait where it is missing and there is no room for it, and nothing where nobody can say', async () => {
    const { ballast: none } = await aBallast(0)
    expect(await none.requireRoom().catch((reason: unknown) => reason)).to.include({ code: 'disk-full' })
    const unknown = () => {
      throw new Error('The volume is away')
    }
    const { ballast } = await aBallast(unknown)
    await ballast.requireRoom()
  })

  it('stays where the work fails of something else, or where there is none to give up', async () => {
    const { ballast, size } = await aBallast()
    await ballast.take()
    const other = await ballast.makeWayFor(() => Promise.reject(new Error('other'))).catch(String)
    expect(other).to.include('other')
    expect(await size()).to.be.greaterThan(0)
    const { ballast: none } = await aBallast(0)
    const error: unknown = await none.makeWayFor(failing(1)).catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'disk-full' })
  })
})
