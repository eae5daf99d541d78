import { expect } from 'chai'
import fc from 'fast-check'
import { definitionText } from '../../../archives/definitions/definition-text.ts'

describe('a definition as text', () => {
  it('is laid out as YAML is', () => {
    const response = [
      { text: 'Hello\nthere', buttons: [{ title: 'Yes', payload: '/yes' }] },
      { text: 'Hi', condition: [] },
    ]
    expect(definitionText(response).split('\n')).to.deep.equal([
      '- buttons:',
      '    - payload: /yes',
      '      title: Yes',
      '  text: Hello',
      '        there',
      '- condition: []',
      '  text: Hi',
    ])
    expect(definitionText({ epochs: 100, constrain: true, checkpoint: null })).to.equal(
      'checkpoint: null\nconstrain: true\nepochs: 100',
    )
    expect(definitionText(undefined)).to.equal('')
  })

  it('is the same whatever the order of keys, never longer than 2,000 characters, and well formed', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, each]) => [key, reversed(each)]),
      )
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = definitionText(value)
        expect(text).to.equal(definitionText(reversed(value)))
        expect(text.length).to.be.at.most(2000)
        expect(text.isWellFormed()).to.equal(true)
      }),
    )
  })
  it('is made of no more of the value than is shown, however much that has', () => {
    let looks = 0
    const many = new Proxy(new Array<number>(100_000).fill(0), {
      get(target, key) {
        looks++
        return Reflect.get(target, key) as unknown
      },
    })
    expect(definitionText([[many]])).to.have.length(2000)
    expect(looks).to.be.below(5000)
  })
})
