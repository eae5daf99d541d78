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

  const keys = ['url', 'token', 'token_name', 'wait_time_between_pulls', 'params', 'headers', 'basic_auth']
  for (const [unknown, meant] of Object.entries({
    'wait-time-between-pulls': 'wait_time_between_pulls',
    wait_time_betwen_pull: 'wait_time_between_pulls',
    header: 'headers',
    tokenName: 'token_name',
    basicauth: 'basic_auth',
    URL: 'url',
    colour: undefined,
    x: undefined,
  })) {
    it(`of the key ${unknown} is ${meant ?? 'none'}`, () => {
      expect(nearestName(unknown, keys)).to.equal(meant)
    })
  }
})
