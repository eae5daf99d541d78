import { expect } from 'chai'
import { ReadBuffers } from '../../storage/filesystem/read-buffers.ts'

const KiB = 1024
const MiB = 1024 * KiB

describe('ReadBuffers', () => {
  it('gives smaller buffers the more readers there are', () => {
    const buffers = new ReadBuffers()
    const sizes = Array.from({ length: 1000 }, () => buffers.enter(10 * MiB))
    expect(sizes.slice(0, 16)).to.deep.equal(Array.from({ length: 16 }, () => MiB))
    expect(sizes.at(-1)).to.equal(64 * KiB)
    const held = sizes.reduce((sum, size) => sum + 2 * size, 0)
    expect(held).to.be.below(180 * MiB)
  })

  it('gives large buffers again once others have left', () => {
    const buffers = new ReadBuffers()
    for (let count = 0; count < 100; count += 1) buffers.enter(10 * MiB)
    for (let count = 0; count < 100; count += 1) buffers.leave()
    expect(buffers.enter(10 * MiB)).to.equal(MiB)
  })

  it('wastes no large buffer on a small object', () => {
    expect(new ReadBuffers().enter(100)).to.equal(64 * KiB)
  })

  it('gives a buffer again that was given back, and keeps no more than its limit', () => {
    const buffers = new ReadBuffers(2 * MiB)
    const [first, second, third] = [buffers.take(MiB), buffers.take(MiB), buffers.take(MiB)]
    for (const buffer of [first, second, third]) buffers.give(buffer)
    expect(buffers.take(MiB)).to.equal(second)
    expect(buffers.take(MiB)).to.equal(first)
    expect([first, second, third]).not.to.include(buffers.take(MiB))
  })
})
