import { expect } from 'chai'
import fc from 'fast-check'
import { jsonLine, shownText } from '../../protocol/shown-text.ts'
import { anyCharacter } from '../support/any-character.ts'

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const anyText = fc.string({ unit: anyCharacter, maxLength: 200 })

describe('a text from elsewhere', () => {
  for (const [what, character] of Object.entries({
    'an escape': '\u001b',
    'a line break': '\n',
    'a control character of C1': '\u009b',
    'a right-to-left override': '\u202e',
    'an isolate': '\u2066',
    'a zero-width space': '\u200b',
    'a line separator': '\u2028',
    'a lone surrogate': '\ud800',
    'a tag character': '\u{e0041}',
  })) {
    it(`is shown without ${what}, and keeps it as an escape in JSON`, () => {
      const text = `a${character}b`
      expect(shownText(text)).to.equal('a\ufffdb')
      expect(jsonLine({ text })).to.match(/^[\x20-\x7e]+$/)
      expect(JSON.parse(jsonLine({ text }))).to.deep.equal({ text })
    })
  }

  it('is left as it is where it is harmless', () => {
    expect(shownText('Über 東京 🚢')).to.equal('Über 東京 🚢')
    expect(jsonLine(['Über 東京 🚢'])).to.equal('["Über 東京 🚢"]')
  })

  it('is cut between characters', () => {
    expect(shownText('🚢🚢🚢', 4)).to.equal('🚢🚢…')
    expect(shownText('🚢🚢🚢', 3)).to.equal('🚢…')
    expect(shownText('x'.repeat(1e7))).to.have.length(501)
  })

  it('is never unsafe, whatever it holds', () => {
    const property = fc.property(anyText, (text) => {
      expect(shownText(text)).not.to.match(UNSAFE)
      expect(jsonLine(text)).not.to.match(UNSAFE)
      expect(JSON.parse(jsonLine(text))).to.equal(text)
    })
    fc.assert(property)
  })
})
