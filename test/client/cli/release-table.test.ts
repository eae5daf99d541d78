import { expect } from 'chai'
import { releaseTable } from '../../../client/cli/release-table.ts'

describe('the table of releases', () => {
  const row = [
    'support-en#12',
    'taken back',
    '78c41363309f',
    '119.0 kB',
    '2026-11-26 10:06:44Z',
    'ci-of-support',
    '20261126-100644-horizontal-rail.tar.gz',
    'production staging latest',
    'a fix of the greeting',
  ]

  it('fits 80 columns, and still says when each release was published, and which tags it has', () => {
    const lines = releaseTable([row], 80).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).to.be.at.most(80)
    expect(lines[1]).to.match(/2026-11-26 10:06:44Z  production staging/)
    expect(lines[0]).not.to.match(/DIGEST|BY|FILE|NOTES/)
  })

  it('has every column where there is room, and in a file', () => {
    for (const width of [200, Infinity])
      for (const cell of row) expect(releaseTable([row], width), `${width}`).to.include(cell)
  })
})
