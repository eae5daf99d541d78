import { expect } from 'chai'
import { IssuedTokens } from '../../../server/access/audit/issued-tokens.ts'

const SECOND = 1_000
const DAY = 24 * 60 * 60

describe('the entries of tokens that are issued for some minutes', () => {
  it('are one for each as long as they are few', () => {
    const issued = new IssuedTokens()
    for (let hour = 0; hour < 24; hour++) {
      for (let run = 0; run < 30; run++) expect(issued.note('ci', hour * 3_600_000 + run)).to.equal(0)
    }
  })

  it('are few however many are issued, and leave none uncounted', () => {
    const issued = new IssuedTokens()
    let [entries, counted] = [0, 0]
    for (let second = 0; second < DAY; second++) {
      const alsoIssued = issued.note('ci', second * SECOND)
      if (alsoIssued === undefined) continue
      entries++
      counted += 1 + alsoIssued
    }
    expect(entries).to.be.below(1_700)
    counted += issued.note('ci', DAY * SECOND) ?? 0
    expect(counted).to.equal(DAY)
  })

  it('of one publisher say nothing of another', () => {
    const issued = new IssuedTokens()
    for (let run = 0; run < 50; run++) issued.note('busy', 0)
    expect(issued.note('other', 0)).to.equal(0)
  })
})
