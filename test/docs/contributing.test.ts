import { readFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'

const checkout = path.resolve(import.meta.dirname, '../..')

describe('CONTRIBUTING.md', () => {
  let text: string
  before(async () => {
    text = await readFile(path.join(checkout, 'CONTRIBUTING.md'), 'utf8')
  })

  it('shows test commands that find tests', () => {
    const commands = [...text.matchAll(/`[^`]*(?:scripts\/test|mocha) [^`]*`/g)].map(([command]) => command)
    const patterns = commands.flatMap((command) => command.match(/test\/[\w./*-]+\.test\.ts/g) ?? [])
    expect(patterns.length).to.be.greaterThan(2)
    for (const pattern of patterns)
      expect(globSync(pattern, { cwd: checkout }).length, pattern).to.be.greaterThan(0)
  })

  it('names scripts, files and folders that there are', () => {
    const names = [
      ...text.matchAll(/`((?:scripts|server|client|protocol|storage|archives|test|docs)\/[\w./-]*)/g),
    ]
      .map(([, name = '']) => name)
      .filter((name) => !/\/x\.ts$/.test(name))
    expect(names.length).to.be.greaterThan(20)
    for (const name of names)
      expect(globSync(name.replace(/\/$/, ''), { cwd: checkout }), name).to.have.length(1)
  })
})
