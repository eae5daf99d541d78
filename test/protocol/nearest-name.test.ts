import { expect } from 'chai'
import { nearestName } from '../../protocol/nearest-name.ts'

describe('the name that was probably meant', () => {
  const names = ['tag', 'filename', 'notes', 'accept']
  const cases: [misspelt: string, meant: string | undefined][] = [
    ['tags', 'tag'],
    ['Tag', 'tag'],
    ['tga', 'tag'],
    ['file_name', 'filename'],
    ['note', 'notes'],
    ['acept', 'accept'],
    ['force', undefined],
    ['', undefined],
    ['t'.repeat(100_000), undefined],
  ]
  for (const [misspelt, meant] of cases) {
    it(`of "${misspelt.slice(0, 20)}" is ${meant ?? 'none'}`, () => {
      expect(nearestName(misspelt, names)).to.equal(meant)
    })
  }
})
