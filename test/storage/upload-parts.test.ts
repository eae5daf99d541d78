import { expect } from 'chai'
import type { UploadSource } from '../../storage/bucket/bucket.ts'
import { partSize } from '../../storage/bucket/part-buffers.ts'
import { partsOf, uploadParts } from '../../storage/bucket/upload-parts.ts'
import { errorOf } from '../contracts/object-bytes.ts'

describe('uploadParts', () => {
  const size = 9 * partSize + 5

  it('sends every part once, no more than the shared memory holds at the same time, in the order of results', async () => {
    let busyBytes = 0
    let mostBytes = 0
    const lengths = await uploadParts(source(size), partsOf(size, 100), undefined, async (bytes, index) => {
      busyBytes += bytes.byteLength
      mostBytes = Math.max(mostBytes, busyBytes)
      await new Promise((resolve) => setTimeout(resolve, 10 - index))
      busyBytes -= bytes.byteLength
      expect(bytes[0]).to.equal(index)
      return bytes.byteLength
    })
    expect(lengths).to.deep.equal([...Array.from({ length: 9 }, () => partSize), 5])
    expect(mostBytes).to.be.at.most(4 * partSize)
  })

  it('shares the memory among all uploads of the process', async () => {
    let busyBytes = 0
    let mostBytes = 0
    const upload = (): Promise<unknown> =>
      uploadParts(source(size), partsOf(size, 100), undefined, async (bytes) => {
        busyBytes += bytes.byteLength
        mostBytes = Math.max(mostBytes, busyBytes)
        await new Promise((resolve) => setTimeout(resolve, 2))
        busyBytes -= bytes.byteLength
      })
    await Promise.all(Array.from({ length: 8 }, upload))
    expect(mostBytes).to.be.at.most(4 * partSize)
  })

  it('ends the other parts once one failed, begins nothing new, and gives the memory back', async () => {
    const begun: number[] = []
    const failing = uploadParts(source(size), partsOf(size, 100), undefined, async (_, index, signal) => {
      begun.push(index)
      if (index === 0) throw new Error('the first')
      signal.throwIfAborted()
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error)
        })
      })
    })
    expect((await errorOf(failing)).message).to.equal('the first')
    expect(begun.length).to.be.at.most(4)
    expect(
      await uploadParts(source(4), partsOf(4, 1), undefined, () => Promise.resolve('sent')),
    ).to.deep.equal(['sent'])
  })
})

/** A source whose every part begins with its number. */
function source(size: number): UploadSource {
  return {
    size,
    readInto: (into, start) => {
      into[0] = start / partSize
      return Promise.resolve()
    },
  }
}
