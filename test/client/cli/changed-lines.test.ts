import { expect } from 'chai'
import fc from 'fast-check'
import { changedLines } from '../../../client/cli/changed-lines.ts'

const shown = (before: string, after: string): string =>
  changedLines(before, after)
    .map(({ sign, line }) => sign + line)
    .join(' ')

describe('the lines that changed', () => {
  it('are those that went and those that came, at their places', () => {
    expect(shown('a\nb\nc', 'a\nx\nc')).to.equal('-b +x')
    expect(shown('a\nb', 'a\nb\nc')).to.equal('+c')
    expect(shown('a\nb', 'b')).to.equal('-a')
    expect(shown('', 'a')).to.equal('+a')
    expect(shown('a', '')).to.equal('-a')
    expect(shown('a', 'a')).to.equal('')
  })

  it('make the one text of the other', () => {
    const aText = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
    fc.assert(
      fc.property(aText, aText, (before, after) => {
        const lines = changedLines(before.join('\n'), after.join('\n'))
        const count = (all: readonly string[], line: string) => all.filter((each) => each === line).length
        for (const line of 'abcd') {
          const went = lines.filter((each) => each.sign === '-' && each.line === line).length
          const came = lines.filter((each) => each.sign === '+' && each.line === line).length
          expect(count(before, line) - went + came).to.equal(count(after, line))
        }
        if (before.join() === after.join()) expect(lines).to.deep.equal([])
      }),
    )
  })
})
