import { expect } from 'chai'
import { z } from 'zod'
import { parse } from '../../../server/http/api/read-call.ts'

const schema = z.strictObject({ claims: z.record(z.string(), z.string()).optional() })

function readBody(text: string): unknown {
  return parse(schema, JSON.parse(text), 'invalid-body', 'body')
}

describe('the body of a request', () => {
  it('is refused with a key __proto__, also where any key is taken', () => {
    expect(readBody('{"claims":{"a":"1"}}')).to.deep.equal({ claims: { a: '1' } })
    for (const text of ['{"claims":{"a":"1","__proto__":"2"}}', '{"__proto__":{"claims":{}}}'])
      expect(() => readBody(text), text).to.throw('Unrecognized key: "__proto__"')
  })
})
