import { expect } from 'chai'
import { testsOf } from '../../scripts/checks/changed-files.ts'

describe('the tests of files that changed', () => {
  const there = new Set(['test/releases/rollback.test.ts', 'test/archives/archive-facts.test.ts'])
  const tests = (...files: string[]) => testsOf(files, (file) => there.has(file))

  it('are those that changed, and those that mirror a source file', () => {
    expect(
      tests('test/x/y.test.ts', 'server/releases/rollback.ts', 'archives/archive-facts.ts'),
    ).to.deep.equal([
      'test/archives/archive-facts.test.ts',
      'test/releases/rollback.test.ts',
      'test/x/y.test.ts',
    ])
  })

  it('are none for what has none, and each once', () => {
    expect(tests('docs/cli.md', 'server/releases/tag.ts')).to.deep.equal([])
    expect(tests('test/releases/rollback.test.ts', 'server/releases/rollback.ts')).to.have.length(1)
  })
})
