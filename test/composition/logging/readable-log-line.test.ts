import { expect } from 'chai'
import { readableLogLine } from '../../../server/composition/logging/readable-log-line.ts'

const line = (fields: object) =>
  readableLogLine(JSON.stringify({ level: 30, time: '2026-11-26T04:32:14.123Z', ...fields }))

describe('the log on a terminal', () => {
  it('has one line for a request: what was asked, what came of it, and who asked', () => {
    const fields = { method: 'PUT', path: '/api/v1/models/shop/tags/production', status: 200 }
    expect(
      line({ msg: 'request', request: '7c9a', ...fields, milliseconds: 12, by: 'ci', from: 2, release: 3 }),
    ).to.equal(
      '04:32:14Z info  PUT /api/v1/models/shop/tags/production 200 in 12 ms by=ci from=2 release=3\n',
    )
  })

  it('says in words what happened, and quotes values that have spaces', () => {
    const reason = 'others can read it'
    expect(line({ level: 40, msg: 'data_dir_open', reason })).to.equal(
      '04:32:14Z warn  data dir open reason="others can read it"\n',
    )
  })

  it('shows an error with its calls below', () => {
    const err = { type: 'Error', message: 'no disk', stack: 'Error: no disk\n    at write (a.ts:1:2)' }
    expect(line({ level: 50, msg: 'backup_failed', err })).to.equal(
      '04:32:14Z error backup failed error="no disk"\n    at write (a.ts:1:2)\n',
    )
  })

  it('shows nothing that could steer a terminal', () => {
    const shown = line({ msg: 'request', path: '/\u001b[2J\u202e', by: '\u009b31m' })
    for (const unsafe of ['\u001b', '\u202e', '\u009b']) expect(shown).to.not.include(unsafe)
    expect(shown).to.include('\ufffd')
  })
})
