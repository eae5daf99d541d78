import { expect } from 'chai'
import { createHash, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { isProcessName, newProcessName } from '../../protocol/process-name.ts'

describe('names of processes', () => {
  it('are what uuid4().hex of Python prints', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 4 }), (uuid) => {
        expect(isProcessName(uuid.replaceAll('-', ''))).to.equal(true)
      }),
    )
  })

  it('are not UUIDs of another version', () => {
    fc.assert(
      fc.property(fc.uuid({ version: [1, 2, 3, 5, 6, 7, 8] }), (uuid) => {
        expect(isProcessName(uuid.replaceAll('-', ''))).to.equal(false)
      }),
    )
  })

  it('are not of another variant', () => {
    expect(isProcessName('6bdd6d298fbc437ec9d9b13e470c848e')).to.equal(false)
    expect(isProcessName('6bdd6d298fbc437e89d9b13e470c848e')).to.equal(true)
  })

  it('are not the MD5 of an empty file, as some servers have as entity tag', () => {
    const md5 = createHash('md5').digest('hex')
    expect(md5).to.have.length(32)
    expect(isProcessName(md5)).to.equal(false)
  })

  for (const [what, spoil] of Object.entries<(name: string) => string>({
    'with dashes': () => randomUUID(),
    'in upper case': (name) => name.toUpperCase().replace(/^\d*$/, 'A'),
    'one digit short': (name) => name.slice(1),
    'one digit long': (name) => `${name}0`,
    'ended by a newline': (name) => `${name}\n`,
    quoted: (name) => `"${name}"`,
  })) {
    it(`are not ${what}`, () => {
      expect(isProcessName(spoil('abdd6d298fbc437e89d9b13e470c848e'))).to.equal(false)
    })
  }

  it('are drawn as Rasa draws them, each once', () => {
    const drawn = Array.from({ length: 1000 }, newProcessName)
    expect(drawn.every(isProcessName)).to.equal(true)
    expect(new Set(drawn)).to.have.property('size', 1000)
  })
})
