import { PassThrough, Writable } from 'node:stream'
import { expect } from 'chai'
import { LogOutput } from '../../../server/composition/logging/log-output.ts'
import { eventually } from '../../support/eventually.ts'

/** A reader that takes nothing until it is told to. */
function slowReader() {
  const lines: string[] = []
  let go: () => void = () => undefined
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(String(chunk))
      go = done
    },
  })
  const takeAll = async (count: number) => {
    while (lines.length < count) {
      go()
      await new Promise(setImmediate)
    }
    go()
  }
  return { stream, lines, takeAll }
}

describe('LogOutput', () => {
  it('writes lines in their order', async () => {
    const stream = new PassThrough()
    const output = new LogOutput(stream)
    output.write('one\n')
    output.write('two\n')
    await output.flush(1_000)
    expect(String(stream.read())).to.equal('one\ntwo\n')
  })

  it('keeps what a slow reader can still have, drops the rest, and says how many lines are missing', async () => {
    const { stream, lines, takeAll } = slowReader()
    const output = new LogOutput(stream, 20)
    for (let number = 1; number <= 9; number++) output.write(`line ${number}\n`)
    expect(stream.writableLength).to.be.below(40)
    await takeAll(3)
    output.write('later\n')
    await takeAll(5)
    expect(lines.slice(0, 3)).to.deep.equal(['line 1\n', 'line 2\n', 'line 3\n'])
    expect(JSON.parse(lines[3] ?? '')).to.include({ msg: 'log_lines_dropped', lines: 6, level: 40 })
    expect(lines[4]).to.equal('later\n')
  })

  it('goes on where the reader has gone', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      },
    })
    const output = new LogOutput(stream)
    output.write('nobody reads that\n')
    await eventually('the stream is broken', () => stream.destroyed)
    output.write('nor that\n')
    await output.flush(60_000)
  })

  it('does not wait longer for a reader than it is told to', async () => {
    const { stream } = slowReader()
    const output = new LogOutput(stream)
    output.write('line\n')
    await output.flush(10)
    expect(stream.writableLength).to.equal(5)
  })
})
