import { stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { Ballast } from '../../server/upkeep/ballast.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const BYTES = 300_000

async function aBallast(freeBytes: number | (() => number) = 10 * BYTES): Promise<{
  ballast: Ballast
  size: () => Promise<number>
}> {
  const free = typeof freeBytes === 'number' ? () => freeBytes : freeBytes
  const file = path.join(await temporaryDirectory(), 'ballast')
  return {
    ballast: new Ballast(file, { bytes: BYTES, freeBytes: () => Promise.resolve(free()) }),
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
