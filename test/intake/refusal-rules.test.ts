import { expect } from 'chai'
import { refusalRules } from '../../server/intake/refusal-rules.ts'

describe('refusalRules', () => {
  it('differ with the version and with each limit, and not with their order', () => {
    const rules = refusalRules('1.0.0', { ratio: 200, members: 5 })
    expect(rules).to.equal('1.0.0 members=5 ratio=200')
    expect(refusalRules('1.0.0', { members: 5, ratio: 200 })).to.equal(rules)
    expect(refusalRules('1.0.1', { members: 5, ratio: 200 })).not.to.equal(rules)
    expect(refusalRules('1.0.0', { members: 6, ratio: 200 })).not.to.equal(rules)
  })
})
