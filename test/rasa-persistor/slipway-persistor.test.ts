import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { skipTest } from '../support/skip-test.ts'

const SUITE = fileURLToPath(new URL('test_slipway_persistor.py', import.meta.url))

describe('the persistor for Rasa', () => {
  it('passes its own suite, written in Python', function () {
    this.timeout(60_000)
    const probe = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))'])
    if (probe.status !== 0) skipTest(this, 'needs python3, 3.8 or later')
    const { status, stderr } = spawnSync('python3', ['-B', SUITE], { encoding: 'utf8' })
    expect(status, stderr).to.equal(0)
    expect(stderr).to.match(/^Ran \d\d tests/m)
  })
})
