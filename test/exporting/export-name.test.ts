import { expect } from 'chai'
import fc from 'fast-check'
import { exportName } from '../../server/exporting/export-name.ts'

const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,8}$/).filter((text) => !text.endsWith('.tar.gz'))

describe('the name of an export', () => {
  it('is the tag for the model default, and in a folder of the model for the others', () => {
    expect(exportName('{tag}.tar.gz', 'default', 'production')).to.equal('production.tar.gz')
    expect(exportName('{tag}.tar.gz', 'shop', 'production')).to.equal('shop/production.tar.gz')
    expect(exportName('{model}/{tag}.tar.gz', 'default', 'production')).to.equal('default/production.tar.gz')
  })

  for (const template of ['{tag}.tar.gz', '{model}/{tag}.tar.gz', 'live-{tag}/{model}.tar.gz']) {
    it(`is never shared by two tags, with ${template}`, () => {
      fc.assert(
        fc.property(name, name, name, name, (model, tag, otherModel, otherTag) => {
          const isSame = model === otherModel && tag === otherTag
          const one = exportName(template, model, tag)
          expect(one === exportName(template, otherModel, otherTag)).to.equal(isSame)
        }),
      )
    })
  }
})
