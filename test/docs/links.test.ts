import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'

const checkout = path.resolve(import.meta.dirname, '../..')
const pages = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md', 'scripts/**/*.md'], { cwd: checkout })

/** A page without its blocks of code, in which brackets are no links. */
function read(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/^( *)```.*?^\1```/gms, '')
}

/** The anchors of a page as GitHub makes them of its headings; a repeated one gets a number. */
function anchorsOf(file: string): Set<string> {
  const counts = new Map<string, number>()
  return new Set(
    [...read(file).matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => {
      const anchor = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
        .replaceAll(' ', '-')
      const count = counts.get(anchor) ?? 0
      counts.set(anchor, count + 1)
      return count === 0 ? anchor : `${anchor}-${count}`
    }),
  )
}

describe('the links of the documentation', () => {
  it('are looked for in many pages', () => {
    expect(pages.length).to.be.greaterThan(20)
  })

  for (const page of pages) {
    it(`lead somewhere: ${page}`, () => {
      const from = path.join(checkout, page)
      const text = read(from).replaceAll(/`[^`\n]*`/g, '')
      for (const [, target = ''] of text.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)) {
        const [name = '', anchor] = target.split('#')
        const file = name === '' ? from : path.join(path.dirname(from), name)
        expect(existsSync(file), `${page}: ${target}`).to.equal(true)
        if (anchor === undefined || statSync(file).isDirectory() || !file.endsWith('.md')) continue
        expect(anchorsOf(file).has(anchor), `${page}: ${target}`).to.equal(true)
      }
    })
  }
})

describe('the text of the documentation', () => {
  it('has nothing left of a merge', () => {
    const marked = pages.filter((page) =>
      /^(?:<{7}|>{7}) /m.test(readFileSync(path.join(checkout, page), 'utf8')),
    )
    expect(marked).to.deep.equal([])
  })
})
