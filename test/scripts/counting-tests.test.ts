import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const checkout = path.resolve(import.meta.dirname, '../..')

describe('what scripts/test says of its tests', () => {
  it('counts what passed, failed and was skipped, and names the latter two', async () => {
    expect(
      await tallyOf(`
      it('is right', () => {})
      it('is wrong', () => { throw new Error('on purpose') })
      it('needs more', function () { skipTest(this, 'no server here') })
    `),
    ).to.deep.equal([
      'skipped: needs more (no server here)',
      'FAILED: is wrong (some.test.ts): on purpose',
      '1 passed, 1 failed, 1 skipped',
    ])
  })

  it('counts every test of a suite that is skipped as a whole, with the reason', async () => {
    expect(
      await tallyOf(`
      describe('a store', () => {
        before(function () { skipTest(this, 'no store here') })
        it('reads', () => {})
        it('writes', () => {})
      })
    `),
    ).to.deep.equal([
      'skipped: a store (no store here) reads',
      'skipped: a store (no store here) writes',
      '0 passed, 0 failed, 2 skipped',
    ])
  })

  it('takes a skipped test for a failure in CI', async () => {
    const tally = await tallyOf(`it('needs more', function () { skipTest(this, 'no server here') })`, {
      CI: 'true',
    })
    expect(tally).to.deep.equal([
      'FAILED: needs more (no server here) (skipped in CI)',
      '0 passed, 1 failed, 0 skipped',
    ])
  })

  it('names what has a shorter form than with --long, and what is left to that, also in CI', async () => {
    const tests = `
      const kills = shortOrLong('a loop of kills: 3 instead of 30', { short: 3, long: 30 })
      it('is killed ' + kills + ' times', () => {})
      describe('another cloud', () => {
        before(function () { onlyInLongForm(this, 'the same over S3') })
        it('stores', () => {})
        it('reads', () => {})
      })`
    expect(await tallyOf(tests, { CI: 'true', LONG: '' })).to.deep.equal([
      'short forms (scripts/test --long takes the long ones):',
      '  a loop of kills: 3 instead of 30',
      '  2 tests of some.test.ts; the short form has the same over S3',
      '1 passed, 0 failed, 0 skipped',
    ])
    // A job of CI may run mocha itself.
    for (const LONG of ['1', undefined])
      expect(await tallyOf(tests, { CI: 'true', LONG })).to.deep.equal(['3 passed, 0 failed, 0 skipped'])
  })

  it('takes tests that end the process early for a failure', async () => {
    expect((await tallyOf(`it('leaves', () => { process.exit(0) })`)).at(-1)).to.equal(
      '0 passed, 1 failed, 0 skipped',
    )
  })

  it('takes a file that cannot be read as code for a failure', async () => {
    expect((await tallyOf('it(')).at(-1)).to.equal('0 passed, 1 failed, 0 skipped')
  })
})

describe('a second attempt of what failed among all tests', () => {
  const mark =
    "import { existsSync, writeFileSync } from 'node:fs'; const mark = import.meta.filename + '.mark'"
  const failOnce = "if (!existsSync(mark)) { writeFileSync(mark, ''); throw new Error('starved') }"

  it('counts a test that passes then as passed, and names it', async () => {
    const tests = `${mark}; it('is steady', () => {}); it('waits', () => { ${failOnce} })`
    expect(await tallyOf(tests, undefined, true)).to.deep.equal([
      'passed at the second attempt only: waits (some.test.ts)',
      '2 passed, 0 failed, 0 skipped',
    ])
  })

  it('counts the tests behind a hook that passes then', async () => {
    const tests = `${mark}; describe('it', () => { before(() => { ${failOnce} }); it('a', () => {}); it('b', () => {}) })`
    const lines = await tallyOf(tests, undefined, true)
    expect(lines.at(-1)).to.equal('2 passed, 0 failed, 0 skipped')
    expect(lines[0]).to.contain('passed at the second attempt only')
  })

  it('counts what fails or is skipped behind a hook that passes then', async () => {
    const tests = `${mark}; describe('it', () => {
      before(() => { ${failOnce} })
      it('is right', () => {})
      it('is wrong', () => { throw new Error('on purpose') })
      it('needs more', function () { skipTest(this, 'no server here') })
    })`
    const lines = await tallyOf(tests, undefined, true)
    expect(lines).to.include('FAILED: it is wrong (some.test.ts): on purpose')
    expect(lines).to.include('skipped: it needs more (no server here)')
    expect(lines.at(-1)).to.equal('1 passed, 1 failed, 1 skipped')
  })

  it('is given to the file of a test that could not be cleaned up', async () => {
    const tests = `${mark}; it('leaves something', () => { afterThisTest(() => { ${failOnce} }) }); it('is behind it', () => {})`
    const lines = await tallyOf(tests, undefined, true)
    expect(lines.at(-1)).to.equal('2 passed, 0 failed, 0 skipped')
    expect(lines[0]).to.contain('passed at the second attempt only').and.contain('some.test.ts')
  })

  it('leaves a test failed that fails again', async () => {
    const tests = "it('is steady', () => {}); it('is wrong', () => { throw new Error('on purpose') })"
    expect(await tallyOf(tests, undefined, true)).to.deep.equal([
      'FAILED: is wrong (some.test.ts): on purpose',
      '1 passed, 1 failed, 0 skipped',
    ])
  })

  it('is not given to a counterexample, as other values prove nothing', async () => {
    const tests = `${mark}; it('holds', () => { ${failOnce.replace('starved', 'Property failed after 3 tests')} })`
    expect((await tallyOf(tests, undefined, true)).at(-1)).to.equal('0 passed, 1 failed, 0 skipped')
  })
})

/** The lines of the tally after a run of these tests. */
async function tallyOf(
  tests: string,
  env: Record<string, string | undefined> = { CI: '' },
  repeat = false,
): Promise<string[]> {
  const folder = await temporaryDirectory()
  const spec = path.join(folder, 'some.test.ts')
  const support = (name: string): string => JSON.stringify(path.join(checkout, 'test/support', name))
  await writeFile(
    spec,
    `import { skipTest } from ${support('skip-test.ts')}
    import { onlyInLongForm, shortOrLong } from ${support('long-form.ts')}
    import { afterThisTest } from ${support('temporary-directory.ts')}
    void [skipTest, onlyInLongForm, shortOrLong, afterThisTest]
    ${tests}`,
  )
  const program = `
    import { runMocha } from ${JSON.stringify(path.join(checkout, 'scripts/checks/mocha-tests.ts'))}
    import { describeTally } from ${JSON.stringify(path.join(checkout, 'scripts/checks/tally.ts'))}
    const tally = { passed: 0, failed: [], skipped: [], unsteady: [], shortForms: [] }
    await runMocha(tally, 'tests', ['mocha', ${JSON.stringify(spec)}], ${repeat ? "{ repeat: ['mocha'] }" : '{}'})
    console.log('the tally:\\n' + describeTally(tally))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...env },
  })
  return (
    stdout
      .split('the tally:\n')[1]
      ?.trimEnd()
      .replaceAll(path.relative(checkout, folder) + path.sep, '')
      .split('\n') ?? []
  )
}
