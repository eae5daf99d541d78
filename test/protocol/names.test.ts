import { expect } from 'chai'
import fc from 'fast-check'
import { modelName, tagName } from '../../protocol/fields.ts'
import { isName, parseModelReference } from '../../protocol/names.ts'

/** Names by their grammar, for properties. */
const names = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/).filter((name) => !name.endsWith('.tar.gz'))

describe('names of models and tags', () => {
  for (const name of ['a', '7', 'shop', 'shop.eu-west_2', 'a'.repeat(64), 'x.tar', 'tar.gz', 'a..b']) {
    it(`may be ${name.slice(0, 20)}`, () => {
      expect(isName(name)).to.equal(true)
    })
  }

  const refused = {
    'nothing at all': '',
    'longer than 64 characters': 'a'.repeat(65),
    'in upper case': 'Shop',
    hidden: '.shop',
    'a flag': '-shop',
    'an underscore first': '_shop',
    'a file': 'shop.tar.gz',
    'a path': 'a/b',
    'a step up': '..',
    'a tagged model': 'shop@production',
    'ended by a newline': 'shop\n',
    'not ASCII': 'größe',
    'a space': 'a b',
  }
  for (const [what, name] of Object.entries(refused)) {
    it(`may not be ${what}`, () => {
      expect(isName(name)).to.equal(false)
    })
  }

  it('are in the schemas what they are in addresses', () => {
    fc.assert(
      fc.property(fc.oneof(names, fc.string()), (text) => {
        expect(modelName.safeParse(text).success).to.equal(isName(text))
        expect(tagName.safeParse(text).success).to.equal(isName(text))
      }),
    )
  })

  it('have a pattern in the OpenAPI document that says the same', () => {
    const pattern = new RegExp(modelName.meta()?.['pattern'] as string, 'u')
    fc.assert(
      fc.property(
        fc.oneof(
          names,
          names.map((name) => `${name}.tar.gz`),
          fc.string(),
        ),
        (text) => {
          expect(pattern.test(text)).to.equal(isName(text))
        },
      ),
    )
  })
})

describe('references to models', () => {
  it('name a model, and a tag where there is one', () => {
    expect(parseModelReference('shop')).to.deep.equal({ model: 'shop' })
    expect(parseModelReference('shop@production')).to.deep.equal({ model: 'shop', tag: 'production' })
  })

  it('read back as they were written', () => {
    fc.assert(
      fc.property(names, names, (model, tag) => {
        expect(parseModelReference(model)).to.deep.equal({ model })
        expect(parseModelReference(`${model}@${tag}`)).to.deep.equal({ model, tag })
      }),
    )
  })

  for (const segment of [
    '',
    '@',
    'shop@',
    '@production',
    'shop@a@b',
    'shop@Production',
    'a/b',
    'shop.tar.gz',
  ]) {
    it(`are not "${segment}"`, () => {
      expect(parseModelReference(segment)).to.equal(undefined)
    })
  }
})
