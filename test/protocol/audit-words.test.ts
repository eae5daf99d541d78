import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { AuditEntry } from '../../protocol/audit.ts'
import { auditActionInWords, auditChangeInWords } from '../../protocol/audit-words.ts'

type State = AuditEntry['before']

function change(before: State, after: State): string {
  return auditChangeInWords({ action: 'token.changed', before, after })
}

describe('the words of the audit', () => {
  it('are there for whatever the server takes down', async () => {
    const actions = new Set<string>()
    const folder = path.join(import.meta.dirname, '../../server/access/audit')
    for (const name of await readdir(folder)) {
      const source = await readFile(path.join(folder, name), 'utf8')
      for (const [, action] of source.matchAll(/'((?:[a-z]+\.[a-z]+)|refused)'/g)) actions.add(action!)
    }
    expect(actions.size).to.be.above(15)
    for (const action of actions) {
      expect(auditActionInWords({ action, before: {} }), action).to.match(
        /^[a-z]+ed |^made |^put |^took |^was /,
      )
    }
  })

  it('say of an action of a later version its name', () => {
    expect(auditActionInWords({ action: 'toString', before: null })).to.equal('toString')
  })

  it('say that a rollout began where there was none', () => {
    expect(auditActionInWords({ action: 'rollout.changed', before: null })).to.equal('began a rollout')
  })

  it('say of what stands in the entry alone, such as which rollout was changed, no "none" before', () => {
    expect(change({ step: 0 }, { step: 1, rollout: '5', reason: null })).to.equal('step 0 → 1; rollout 5')
    expect(change({ quota: null }, { quota: 'x' })).to.equal('quota none → x')
  })

  it('say what differs, with lists as lists, digests as elsewhere, and texts to a length', () => {
    expect(change({ release: 7, by: 'ann' }, { release: 8, by: 'ann' })).to.equal('release 7 → 8')
    expect(change(null, { allow: ['read', 'publish:shop'], name: 'ci' })).to.equal(
      'allow read, publish:shop; name ci',
    )
    expect(change({ notes: 'a' }, { notes: null })).to.equal('notes a → none')
    expect(change({ digest: 'ab'.repeat(32) }, null)).to.equal('was digest abababababab')
    expect(change(null, { notes: 'x y'.repeat(100) })).to.have.length.below(100)
  })
})
