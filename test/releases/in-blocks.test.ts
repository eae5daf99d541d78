import { expect } from 'chai'
import fc from 'fast-check'
import { inBlocks } from '../../server/releases/in-blocks.ts'

async function* stream(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

describe('gathering chunks into blocks', () => {
  it('keeps every byte in order, in full blocks but for the last', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 40 }), async (given, blockBytes) => {
        const blocks: Buffer[] = []
        for await (const block of inBlocks(stream(given), blockBytes)) blocks.push(Buffer.from(block))
        expect(Buffer.concat(blocks)).to.deep.equal(Buffer.concat(given))
        for (const block of blocks.slice(0, -1)) expect(block.length).to.equal(blockBytes)
        expect(blocks.at(-1)?.length).to.not.equal(0)
      }),
    )
  })

  it('leaves a block as it is until the one after the next is asked for', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(chunks, async (given) => {
        let before: { block: Uint8Array; copy: Buffer } | undefined
        for await (const block of inBlocks(stream(given), 4)) {
          if (before !== undefined) expect(Buffer.from(before.block)).to.deep.equal(before.copy)
          before = { block, copy: Buffer.from(block) }
        }
      }),
    )
  })

  it('ends where its stream breaks, with the stream’s own error', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc')
      await Promise.reject(new Error('cut'))
    }
    const blocks: string[] = []
    let failure: unknown
    try {
      for await (const block of inBlocks(broken(), 2)) blocks.push(Buffer.from(block).toString())
    } catch (error) {
      failure = error
    }
    expect(failure).to.be.an('error').with.property('message', 'cut')
    expect(blocks).to.deep.equal(['ab'])
  })
})
