import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { isTokenText } from '../../protocol/token-text.ts'
import { digestOfToken, drawToken } from '../../server/access/draw-token.ts'

const seeded = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => (count: number) => {
  const drawn = Uint8Array.from({ length: count }, (_, index) => (bytes[index % bytes.length] ?? 0) % 248)
  return drawn
})

describe('a token', () => {
  it('is slipway_, 43 characters of chance and a checksum', () => {
    expect(drawToken(randomBytes)).to.match(/^slipway_[0-9A-Za-z]{49}$/)
    expect(new Set(Array.from({ length: 1_000 }, () => drawToken(randomBytes))).size).to.equal(1_000)
  })

  it('is known as one, however it was drawn', () => {
    fc.assert(fc.property(seeded, (random) => isTokenText(drawToken(random))))
  })

  it('of which one character is another is known as none', () => {
    const token = drawToken(randomBytes)
    const wrong: string[] = []
    for (let at = 0; at < token.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = String.fromCharCode(token.charCodeAt(at) ^ (1 << bit))
        const other = token.slice(0, at) + flipped + token.slice(at + 1)
        if (isTokenText(other)) wrong.push(other)
      }
    }
    expect(wrong).to.deep.equal([])
  })

  it('that is cut, longer, or something else is known as none', () => {
    const token = drawToken(randomBytes)
    for (const text of ['', token.slice(1), token.slice(0, -1), `${token}0`, `${token}\n`, 'slipway_'])
      expect(isTokenText(text), text).to.equal(false)
    fc.assert(fc.property(fc.string(), (text) => !isTokenText(text)))
  })

  it('has characters that come equally often', () => {
    const counts = new Map<string, number>()
    const draws = 20_000
    for (let turn = 0; turn < draws; turn++) {
      for (const character of drawToken(randomBytes).slice(8, 51))
        counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    // Bytes taken modulo 62 would make eight of them come a quarter more often.
    const mean = (draws * 43) / 62
    expect(counts.size).to.equal(62)
    for (const [character, count] of counts) expect(count, character).to.be.within(0.9 * mean, 1.1 * mean)
  })

  it('is kept as its SHA-256', () => {
    expect(digestOfToken('abc')).to.equal('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
