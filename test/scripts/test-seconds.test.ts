import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { describeSlowest, longestFirst, parseSeconds } from '../../scripts/checks/test-seconds.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

describe('how long files of tests take', () => {
  it('decides in which order they are run: the longest first, and new ones before all', () => {
    const seconds = { 'a.test.ts': 1, 'b.test.ts': 60, 'c.test.ts': 1 }
    expect(longestFirst(['a.test.ts', 'b.test.ts', 'c.test.ts', 'd.test.ts'], seconds)).to.deep.equal([
      ...['d.test.ts', 'b.test.ts', 'a.test.ts', 'c.test.ts'],
    ])
  })

  it('is told of the slowest', () => {
    const seconds = parseSeconds('/w/test/a.test.ts\t1.50\n/w/test/b.test.ts\t60.25\n', '/w')
    expect(describeSlowest(seconds)).to.deep.equal([
      'slowest of 2 files, which took 62 s one after the other:',
      '    60.3 s  test/b.test.ts',
      '     1.5 s  test/a.test.ts',
    ])
    expect(describeSlowest({})).to.deep.equal([])
  })

  it('is measured with all hooks, and remembered for the next run', async () => {
    const cache = await temporaryDirectory()
    const folder = await temporaryDirectory()
    const [slow, quick] = [path.join(folder, 'slow.test.ts'), path.join(folder, 'quick.test.ts')]
    const waiting = 'before(() => new Promise((resolve) => setTimeout(resolve, 300)))'
    await writeFile(slow, `describe('a', () => {\n${waiting}\nit('is quick', () => {})\n})\n`)
    await writeFile(quick, `describe('b', () => {\nit('is quick', () => {})\n})\n`)
    const { MOCHA_WORKER_ID: _, ...env } = process.env
    const program = `
      const { runMocha } = await import('${CHECKOUT}/scripts/checks/mocha-tests.ts')
      await runMocha({ passed: 0, failed: [], skipped: [] }, 'tests', ['mocha', '--parallel', '${slow}', '${quick}'])
    `
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: CHECKOUT,
      env: { ...env, TEST_CACHE: cache },
    })
    const remembered = JSON.parse(await readFile(path.join(cache, 'test-seconds.json'), 'utf8'))
    expect(remembered).to.have.all.keys([slow, quick].map((file) => path.relative(CHECKOUT, file)))
    expect(remembered[path.relative(CHECKOUT, slow)]).to.be.within(0.3, 15)
    expect(stdout).to.include('slowest of 2 files')
  }).timeout(60_000)
})
