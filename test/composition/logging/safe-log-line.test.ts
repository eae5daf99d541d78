import { expect } from 'chai'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { safeLogLine } from '../../../server/composition/logging/safe-log-line.ts'

describe('a line of the log', () => {
  it('carries what came from elsewhere without what could steer a terminal, and loses nothing', () => {
    let written = ''
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString()
        done()
      },
    })
    const instance = 'bot\u009b31m\u202e\u001b[2J'
    pino({ hooks: { streamWrite: safeLogLine } }, output).info({ instance }, 'pull')
    expect(written).to.match(/^[\x20-\x7e]+\n$/)
    expect(JSON.parse(written)).to.include({ instance })
  })
})
