import { expect } from 'chai'
import fc from 'fast-check'
import { LONGEST_BUNDLE_BYTES } from '../../protocol/signature.ts'
import { parseStrictJson } from '../../signatures/strict-json.ts'

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text))

describe('parseStrictJson', () => {
  it('reads any JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parse(text)).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  const refused: [what: string, text: string][] = [
    ['two members of one name', '{"a":1,"a":2}'],
    ['two members of one name, written differently', '{"a":1,"\\u0061":2}'],
    ['two members of one name deep inside', '[{"x":[{"a":1,"b":{},"a":[]}]}]'],
    ['two members of one name after a text that looks like punctuation', '{"a":"{\\",\\"a","a":2}'],
    ['something after its end', '{} {}'],
    ['a byte order mark', '\ufeff{}'],
    ['more than 32 levels', '['.repeat(33) + ']'.repeat(33)],
    ['nothing', ''],
  ]
  for (const [what, text] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => parse(text)).to.throw(SyntaxError)
    })
  }

  it('refuses the longest bundle at once, also where a text in it has quotes and no end', () => {
    const text = `{"a":"${'\\"'.repeat(LONGEST_BUNDLE_BYTES / 2 - 4)}`
    const begun = performance.now()
    expect(() => parse(text)).to.throw(SyntaxError)
    // Where each quote is looked at from each other one, this takes 10 s.
    expect(performance.now() - begun).to.be.below(1_000)
  })

  it('refuses what is not UTF-8', () => {
    expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).to.throw(SyntaxError, 'UTF-8')
  })

  it('takes one name in two objects, and a name that is a value too', () => {
    expect(parse('{"a":{"a":["a","a"]},"b":{"a":"a"}}')).to.deep.equal({
      a: { a: ['a', 'a'] },
      b: { a: 'a' },
    })
  })
})
