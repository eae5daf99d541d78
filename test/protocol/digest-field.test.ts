import { expect } from 'chai'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { formatDigestField, parseDigestField } from '../../protocol/digest-field.ts'

const digest = createHash('sha256').update('{"hello": "world"}\n').digest('hex')
const field = formatDigestField(digest)
const digests = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

describe('digest fields', () => {
  it('are written as the examples of RFC 9530 are', () => {
    expect(field).to.equal('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:')
  })

  it('read back as they were written', () => {
    fc.assert(
      fc.property(digests, (one) => {
        expect(parseDigestField(formatDigestField(one))).to.deep.equal({ kind: 'sha-256', digest: one })
      }),
    )
  })

  it('are found beside other algorithms, wherever they stand', () => {
    const other = `sha-512=:${Buffer.alloc(64).toString('base64')}:`
    for (const value of [`${other}, ${field}`, `${field},${other}`, `unixsum=:AAA=:,\t${field} `]) {
      expect(parseDigestField(value), value).to.deep.equal({ kind: 'sha-256', digest })
    }
  })

  it('that only carry other algorithms prove nothing', () => {
    expect(parseDigestField('sha-512=:AAAA:')).to.deep.equal({ kind: 'unsupported' })
    expect(parseDigestField('md5=:AAAA:')).to.deep.equal({ kind: 'unsupported' })
  })

  it('given twice mean the last one (RFC 8941 §4.2.2)', () => {
    const first = formatDigestField('0'.repeat(64))
    expect(parseDigestField(`${first}, ${field}`)).to.deep.equal({ kind: 'sha-256', digest })
  })

  for (const value of [
    '',
    digest,
    `sha-256=${digest}`,
    `sha-256=:${digest}:`,
    field.slice(0, -1),
    'sha-256=:AAAA:',
    'sha-256=::',
    'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP_lF5HF9bvEF8FabDg=:',
    `${field},`,
    `SHA-256${field.slice(7)}`,
    `${field};q=1 extra`,
  ]) {
    it(`are malformed: ${value.slice(0, 40) || 'empty'}`, () => {
      expect(parseDigestField(value)).to.deep.equal({ kind: 'malformed' })
    })
  }

  it('never throw, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(parseDigestField(value).kind).to.be.oneOf(['sha-256', 'malformed', 'unsupported'])
      }),
    )
  })
})
