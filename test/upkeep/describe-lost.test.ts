import { expect } from 'chai'
import { describeLost } from '../../server/tools/backup/describe-lost.ts'

describe('what a backup says of lost archives', () => {
  it('names each of a few, and of many the first ones and how many there are', () => {
    expect(describeLost([])).to.equal('')
    expect(describeLost(['a', 'b'])).to.equal('  lost already: a\n  lost already: b\n')
    const many = describeLost(Array.from({ length: 5_000 }, (_, index) => `digest-${index}`))
    expect(many.split('\n')).to.have.length(12)
    expect(many).to.contain('4990 others: 5000 in all')
  })
})
