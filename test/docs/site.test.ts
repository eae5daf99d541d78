import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { buildSite } from '../../scripts/site.d/build-site.ts'
import { renderMarkdown } from '../../scripts/site.d/markdown.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const checkout = path.resolve(import.meta.dirname, '../..')
/** Without the white space around lists and their items. */
const rendered = (markdown: string) =>
  renderMarkdown(markdown, (target) => target)
    .body.text.trim()
    .replaceAll(/\s*(<\/?(?:ul|ol|li)>)\s*/g, '$1')

describe('the site of the documentation', () => {
  it('has every page, and links only to what is on it', async () => {
    const folder = path.join(await temporaryDirectory(), 'site')
    expect(await buildSite(checkout, folder)).to.be.greaterThan(30)
    const pages = globSync('**/*.html', { cwd: folder })
    const texts = new Map(pages.map((page) => [page, readFileSync(path.join(folder, page), 'utf8')]))
    const wrong: string[] = []
    for (const [page, text] of texts) {
      for (const [, link = ''] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
        if (/^(?:https?|mailto):/.test(link)) continue
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? page : path.join(path.dirname(page), decodeURIComponent(file))
        const isThere = existsSync(path.join(folder, target))
        const hasAnchor = anchor === undefined || texts.get(target)?.includes(` id="${anchor}"`) === true
        if (!isThere || !hasAnchor) wrong.push(`${page}: ${link}`)
      }
      const words = text.replaceAll(/<(pre|code)\b.*?<\/\1>/gs, '')
      if (/\]\(|\*\*|^#+ /m.test(words.replace(/<style>.*?<\/style>/s, '')))
        wrong.push(`${page}: Markdown left over`)
    }
    expect(wrong).to.deep.equal([])
  })
})

describe('the Markdown of the site', () => {
  it('escapes all text, and leaves code alone', () => {
    expect(rendered('a < b & `**c** <d>`')).to.equal('<p>a &lt; b &amp; <code>**c** &lt;d&gt;</code></p>')
    expect(rendered('```sh\nls *.tar.gz > x\n```')).to.equal('<pre tabindex="0">ls *.tar.gz &gt; x\n</pre>')
  })

  it('knows links, strong and stressed words, also in each other', () => {
    expect(rendered('see [the **whole** page](x.md#a), *now*')).to.equal(
      '<p>see <a href="x.md#a">the <strong>whole</strong> page</a>, <em>now</em></p>',
    )
  })

  it('gives headings the anchors that GitHub gives them, a repeated one a number', () => {
    expect(rendered('## `slipway` and others\n\n## `slipway` and others')).to.equal(
      '<h2 id="slipway-and-others"><code>slipway</code> and others</h2> ' +
        '<h2 id="slipway-and-others-1"><code>slipway</code> and others</h2>',
    )
  })

  it('ends a list and a paragraph where something else begins', () => {
    expect(rendered('- one\n  goes on\n- two\n\n1. first\n2. second')).to.equal(
      '<ul><li>one\n  goes on</li><li>two</li></ul><ol><li>first</li><li>second</li></ol>',
    )
    expect(rendered('words\n- item')).to.equal('<p>words</p><ul><li>item</li></ul>')
  })

  it('keeps a bar that is escaped in the cell of a table', () => {
    expect(rendered('| a | b |\n|---|---|\n| x \\| y | z |')).to.include('<td>x | y</td><td>z</td>')
  })
})
