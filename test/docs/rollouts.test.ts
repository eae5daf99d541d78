import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'

const root = path.resolve(import.meta.dirname, '../..')
const page = readFileSync(path.join(root, 'docs/rollouts.md'), 'utf8')

/** Text without what only lays it out: marks, brackets, the ends of lines, the case of a first letter. */
function plain(text: string): string {
  return text
    .replaceAll(/[`*()]/g, '')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()
    .trim()
}

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name))
}

/** The sentences that a file quotes as `"…" (docs/rollouts.md)`, and its references to headings and rules. */
function quotesIn(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8').replaceAll(/\n\s*(?:\*|\/\/) ?/g, ' ')
  const sentences = [...text.matchAll(/"([^"]+)"(?: \(|, )docs\/rollouts\.md/g)].map(([, quote]) => quote)
  const headings = [...text.matchAll(/docs\/rollouts\.md, "([^"]+)"/g)].map(([, heading]) => heading)
  return [...sentences, ...headings].filter((quote) => quote !== undefined)
}

describe('the guide to rollouts', () => {
  const known = plain(page)
  const files = ['server/fleet', 'server/rollouts'].flatMap(sourcesIn)

  it('is quoted by the code', () => {
    expect(files.flatMap(quotesIn).length).to.be.greaterThan(30)
  })

  for (const file of files) {
    for (const quote of quotesIn(file)) {
      it(`says what ${file} quotes: ${quote.slice(0, 60)}`, () => {
        // Each sentence of a quote stands there; between them may stand what does not matter to the code.
        for (const sentence of plain(quote).split(/(?<=[.;]) /)) {
          expect(known).to.include(sentence.replace(/[.;]$/, ''))
        }
      })
    }
  }
})
