import { expect } from 'chai'
import { readableTime } from '../../../client/cli/table.ts'

describe('a moment in a list', () => {
  it('says that it is in UTC', () => {
    expect(readableTime('2026-11-23T08:46:06.123Z')).to.equal('2026-11-23 08:46:06Z')
  })
})
