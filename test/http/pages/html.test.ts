import { expect } from 'chai'
import fc from 'fast-check'
import { html, inline, prose } from '../../../server/http/pages/html.ts'
import { anyCharacter } from '../../support/any-character.ts'

describe('the HTML template', () => {
  it('escapes what is put in', () => {
    expect(html`<b title="${'"'}">${"<i>&'"}</b>`.text).to.equal('<b title="&quot;">&lt;i&gt;&amp;&#39;</b>')
  })

  it('leaves HTML in HTML alone, and joins lists', () => {
    expect(html`${[html`<li>${1}</li>`, html`<li>${2}</li>`]}`.text).to.equal('<li>1</li><li>2</li>')
  })

  it('never lets text become an element', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(html`${text}`.text).to.not.match(/[<>"']/)
        expect(inline(text).text.replaceAll(/<\/?(code|strong)>/g, '')).to.not.match(/[<>"']/)
      }),
    )
  })

  it('reads code, strong words and paragraphs', () => {
    expect(prose('**One** `<x>`\n\ntwo').text).to.equal(
      '<p><strong>One</strong> <code>&lt;x&gt;</code></p><p>two</p>',
    )
  })
})
