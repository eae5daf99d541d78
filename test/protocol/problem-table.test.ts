import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { PROBLEM_ADVICE } from '../../protocol/problem-advice.ts'
import { PROBLEMS, type ProblemKind } from '../../protocol/problem-table.ts'

const problems = Object.entries<ProblemKind>(PROBLEMS)

describe('the table of problems', () => {
  it('has codes that can stand in scripts and URNs', () => {
    for (const [code] of problems) expect(code).to.match(/^[a-z]+(-[a-z]+)*$/)
  })

  it('has an error status for each', () => {
    for (const [code, { status }] of problems) expect(status, code).to.be.within(400, 599)
  })

  it('has a title for each: one line, without a full stop, unlike all others', () => {
    for (const [code, { title }] of problems) expect(title, code).to.match(/^[A-Z][^\n]*[^.\n]$/)
    expect(new Set(problems.map(([, { title }]) => title))).to.have.property('size', problems.length)
  })

  it('has advice for each, and for nothing else', () => {
    expect(Object.keys(PROBLEM_ADVICE).sort()).to.deep.equal(Object.keys(PROBLEMS).sort())
    for (const [code, advice] of Object.entries(PROBLEM_ADVICE))
      expect(advice, code).to.match(/^[A-Z`].*[.]$/)
  })

  it('is documented code by code', async () => {
    const page = await readFile(path.resolve(import.meta.dirname, '../../docs/problems.md'), 'utf8')
    for (const [code, { status }] of problems) expect(page).to.include(`| ${status} | \`${code}\` |`)
  })
})
