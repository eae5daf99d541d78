import { expect } from 'chai'
import { table } from '../../../client/cli/table.ts'
import { readableTime } from '../../../protocol/readable-time.ts'

describe('a moment in a list', () => {
  it('says that it is in UTC', () => {
    expect(readableTime('2026-11-23T08:46:06.123Z')).to.equal('2026-11-23 08:46:06Z')
  })
})

describe('a table', () => {
  const rows = [
    ['RELEASE', 'FILE', 'NOTES'],
    ['7', 'a'.repeat(60), 'n'.repeat(90)],
    ['12', 'short', ''],
  ]

  it('cuts its widest columns to fit a terminal, and says that they were cut', () => {
    const lines = table(rows, 80).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).to.be.at.most(80)
    expect(lines[1]).to.match(/^7 {8}a+… {2}n+…$/)
    expect(lines[2]).to.match(/^12 {7}short$/)
  })

  it('is whole where it goes into a file', () => {
    expect(table(rows, Infinity)).to.include('a'.repeat(60)).and.include('n'.repeat(90))
  })

  it('cuts nothing that goes into a file, however long', () => {
    expect(table([['REASON'], ['because '.repeat(60).trim()]], Infinity)).to.match(/because$/)
  })

  it('keeps columns wide enough to be told apart where there is no room at all', () => {
    expect(table(rows, 10).split('\n')[1]).to.equal('7        aaaaaaa…  nnnnnnn…')
  })
})
