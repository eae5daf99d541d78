import { expect } from 'chai'
import type { AuditEntry } from '../../../protocol/audit.ts'
import { describeAuditEntry } from '../../../client/cli/describe-audit-entry.ts'

const entry: AuditEntry = {
  sequence: 1,
  at: '2026-12-01T08:00:00Z',
  actor: 'ci',
  subject: null,
  address: '192.0.2.7',
  request: null,
  action: 'tag.moved',
  model: 'shop',
  tag: 'production',
  before: null,
  after: null,
  previous: '0'.repeat(64),
  hash: '1'.repeat(64),
}

describe('an entry of the audit in a line', () => {
  it('says what was changed, from what to what, and not what stayed', () => {
    const before = { release: 7, movedBy: 'ann' }
    const after = { release: 8, movedBy: 'ann' }
    expect(describeAuditEntry({ ...entry, before, after })).to.equal(
      '2026-12-01 08:00:00Z  ci (192.0.2.7)  moved the tag shop@production  release 7 → 8',
    )
  })

  it('says what came, and what went', () => {
    const state = { release: 7, reason: 'a good one', note: null }
    expect(describeAuditEntry({ ...entry, after: state })).to.include('  release 7; reason "a good one"')
    expect(describeAuditEntry({ ...entry, before: state })).to.include('  was release 7')
  })

  it('says of a refusal what was asked for and what was answered, and how often', () => {
    const after = { method: 'PUT', path: '/api/v1/models/x/tags/y', status: 404, code: 'model-not-found' }
    const refused = { ...entry, action: 'refused', model: null, tag: null, after: { ...after, count: 3 } }
    expect(describeAuditEntry(refused)).to.equal(
      '2026-12-01 08:00:00Z  ci (192.0.2.7)  was refused  PUT /api/v1/models/x/tags/y 404 model-not-found (3 times)',
    )
  })

  it('says moments as people read them', () => {
    const after = { expiresAt: Date.UTC(2026, 11, 24) }
    expect(describeAuditEntry({ ...entry, after })).to.include('expiresAt 2026-12-24 00:00:00Z')
  })
})
