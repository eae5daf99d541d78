import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { describeDearest, longestFirst, parseCosts } from '../../scripts/checks/test-costs.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

describe('what files of tests take', () => {
  const taking = (seconds: number, processorSeconds = 1) => ({ seconds, processorSeconds })

  it('decides in which order they are run: the longest first, and new ones before all', () => {
    const costs = { 'a.test.ts': taking(1), 'b.test.ts': taking(60), 'c.test.ts': taking(1) }
    expect(longestFirst(['a.test.ts', 'b.test.ts', 'c.test.ts', 'd.test.ts'], costs)).to.deep.equal([
      'd.test.ts',
      'b.test.ts',
      'a.test.ts',
      'c.test.ts',
    ])
  })

  it('is taken for long in files that start other programs, where nothing is known', () => {
    const files = ['test/a.test.ts', 'test/e2e/b.test.ts', 'test/protocol/c.test.ts']
    expect(longestFirst(files, {})[0]).to.equal('test/e2e/b.test.ts')
  })

  it('is told of the dearest, by the time of the processors: a busy machine changes nothing of it', () => {
    const costs = parseCosts('/w/test/a.test.ts\t70.00\t1.50\n/w/test/b.test.ts\t60.25\t20.25\n', '/w')
    expect(describeDearest(costs)).to.deep.equal([
      'dearest of 2 files, which took 22 s of the processors:',
      '    20.3 s in   60.3 s  test/b.test.ts',
      '     1.5 s in   70.0 s  test/a.test.ts',
    ])
    expect(describeDearest({})).to.deep.equal([])
  })

  it('is measured with all hooks, and remembered for the next run, but of files that are gone', async () => {
    const cache = await temporaryDirectory()
    await writeFile(path.join(cache, 'test-costs.json'), JSON.stringify({ 'test/gone.test.ts': taking(9) }))
    const folder = await temporaryDirectory()
    const [slow, quick] = [path.join(folder, 'slow.test.ts'), path.join(folder, 'quick.test.ts')]
    const waiting = 'before(() => new Promise((resolve) => setTimeout(resolve, 300)))'
    const hashing = 'require("node:crypto").pbkdf2Sync("a", "b", 300000, 32, "sha512")'
    const working = `before(() => spawnSync(process.execPath, ['-e', '${hashing}']))`
    await writeFile(
      slow,
      `import { spawnSync } from 'node:child_process'\ndescribe('a', () => {\n${waiting}\n${working}\nit('is quick', () => {})\n})\ndescribe('beside', () => it('is left', () => {}))\n`,
    )
    await writeFile(quick, `describe('b', () => {\nit('is quick', () => {})\n})\n`)
    const { MOCHA_WORKER_ID: _, ...env } = process.env
    const program = `
      const { runMocha } = await import('${CHECKOUT}/scripts/checks/mocha-tests.ts')
      const tally = { passed: 0, failed: [], skipped: [], unsteady: [], shortForms: [] }
      await runMocha(tally, 'tests', ['mocha', '--parallel', '${slow}', '${quick}'])
      await runMocha(tally, 'tests', ['mocha', '--parallel', '--grep', 'is left', '${slow}', '${quick}'])
    `
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: CHECKOUT,
      env: { ...env, TEST_CACHE: cache },
    })
    const remembered = JSON.parse(await readFile(path.join(cache, 'test-costs.json'), 'utf8'))
    expect(remembered).to.have.all.keys([slow, quick].map((file) => path.relative(CHECKOUT, file)))
    // Not what the part of it took that was run later.
    const { seconds, processorSeconds } = remembered[path.relative(CHECKOUT, slow)]
    expect(seconds).to.be.at.least(0.3)
    // The program that it started counts.
    expect(processorSeconds).to.be.greaterThan(0.05)
    expect(stdout).to.include('dearest of 2 files')
  }).timeout(60_000)
})
