import { expect } from 'chai'
import { modelOfKey } from '../../../server/intake/bucket/model-of-key.ts'

describe('the model of an imported object', () => {
  const models = {
    'x.tar.gz': 'default',
    'shop/x.tar.gz': 'shop',
    'models/x.tar.gz': 'default',
    'models/shop/x.tar.gz': 'shop',
    'models/models/x.tar.gz': 'models',
    '20260101-120000-plain-shore.tar.gz': 'default',
  }
  for (const [key, model] of Object.entries(models)) {
    it(`is ${model} where its key is ${key}`, () => {
      expect(modelOfKey(key)).to.deep.equal({ model })
    })
  }

  for (const key of ['x.zip', 'x.TAR.GZ', 'Shop/x.tar.gz', 'a/b/x.tar.gz', 'shop.tar.gz/x.tar.gz']) {
    it(`is none, for a reason that is told, where its key is ${key}`, () => {
      expect(modelOfKey(key)).to.have.property('ignored').that.is.a('string')
    })
  }

  for (const key of [
    'x.txt',
    '.tar.gz',
    '.cache/x.tar.gz',
    'shop/.x.tar.gz',
    'slipway-owner',
    'sha256/ab/abcd',
  ]) {
    it(`is none, without a word, where its key is ${key}`, () => {
      expect(modelOfKey(key)).to.equal(undefined)
    })
  }
})
