import { html, Html } from '../../server/http/pages/html.ts'

/** A page of Markdown as HTML. */
export interface RenderedPage {
  /** Its first heading. */
  title: string
  body: Html
}

/** Where a link of a page leads on the site; undefined: nowhere, so that its words stand alone. */
export type LinkTarget = (target: string) => string | undefined

const FENCE = /^```(\w*)\n(.*?)^```$/ms
/** Blocks in the order in which they are tried at the beginning of what is left. */
const BLOCKS = [
  ['fence', new RegExp(`^${FENCE.source.replace(/^\^/, '')}`, 'ms')],
  ['heading', /^(#{1,6}) +(.+)$/m],
  ['table', /^\|.*\|\n\|[-:| ]+\|\n(?:\|.*\|\n?)*/],
  ['bullets', /^- .*(?:\n(?!\n|#|```|\|).*)*/],
  ['numbers', /^\d+\. .*(?:\n(?!\n|#|```|\|).*)*/],
  ['code', /^(?: {4}.*(?:\n+(?= {4})|\n?))+/],
  ['paragraph', /^[^\n]+(?:\n(?!\n|#|```|- |\d+\. |\|)[^\n]+)*/],
] as const

type BlockKind = (typeof BLOCKS)[number][0]

/**
 * Renders the Markdown that our pages use: headings, paragraphs, flat lists, tables, blocks of code; links, images, code,
 * strong and stressed words. Everything else is text.
 */
export function renderMarkdown(markdown: string, linkTarget: LinkTarget): RenderedPage {
  const anchors = new Map<string, number>()
  const parts: Html[] = []
  let title = ''
  let rest = markdown.trim()
  while (rest !== '') {
    const { kind, match } = nextBlock(rest)
    if (kind === 'heading') title ||= plainText(match[2] ?? '')
    parts.push(renderBlock(kind, match, anchors, linkTarget))
    rest = rest.slice(match[0].length).replace(/^\n+/, '')
  }
  return { title, body: html`${parts}` }
}

/** The anchor of a heading, as GitHub makes it. */
export function anchorOf(heading: string): string {
  return plainText(heading)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}

function nextBlock(text: string): { kind: BlockKind; match: RegExpExecArray } {
  for (const [kind, pattern] of BLOCKS) {
    const match = pattern.exec(text)
    if (match?.index === 0) return { kind, match }
  }
  throw new TypeError(`no block of Markdown begins here: ${text.slice(0, 80)}`)
}

function renderBlock(
  kind: BlockKind,
  match: RegExpExecArray,
  anchors: Map<string, number>,
  linkTarget: LinkTarget,
): Html {
  const [text, first = '', second = ''] = match
  const inline = (words: string): Html => renderInline(words, linkTarget)
  switch (kind) {
    case 'fence':
      return html`<pre tabindex="0">${second}</pre> `
    case 'code':
      return html`<pre tabindex="0">${text.replaceAll(/^ {4}/gm, '').trimEnd()}</pre> `
    case 'heading':
      return renderHeading(first.length, second, anchors, inline)
    case 'table':
      return renderTable(text, inline)
    case 'bullets':
      return html`<ul>
        ${itemsOf(text, /^- /m).map((item) => html`<li>${inline(item)}</li>`)}
      </ul> `
    case 'numbers':
      return html`<ol>
        ${itemsOf(text, /^\d+\. /m).map((item) => html`<li>${inline(item)}</li>`)}
      </ol> `
    case 'paragraph':
      return html`<p>${inline(text)}</p> `
  }
}

function renderHeading(
  level: number,
  words: string,
  anchors: Map<string, number>,
  inline: (words: string) => Html,
): Html {
  const anchor = anchorOf(words)
  const count = anchors.get(anchor) ?? 0
  anchors.set(anchor, count + 1)
  const id = count === 0 ? anchor : `${anchor}-${count}`
  const open = new Html(`<h${level} id="${id}">`)
  return html`${open}${inline(words)}${new Html(`</h${level}>`)} `
}

function renderTable(text: string, inline: (words: string) => Html): Html {
  const [heading = [], , ...rows] = text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
  return html`<div class="table" tabindex="0">
    <table>
      <thead>
        <tr>
          ${heading.map((cell) => html`<th scope="col">${inline(cell)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${inline(cell)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div> `
}

function itemsOf(text: string, mark: RegExp): string[] {
  return text
    .split(new RegExp(mark.source, 'gm'))
    .slice(1)
    .map((item) => item.trim())
}

const INLINE =
  /`([^`]+)`|!\[([^\]]*)\]\(([^)\s]+)\)|\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*/s

function renderInline(words: string, linkTarget: LinkTarget): Html {
  const match = INLINE.exec(words)
  if (match === null) return html`${words}`
  const [whole, code, description, image, label, target, strong, stressed] = match
  const before = words.slice(0, match.index)
  const after = renderInline(words.slice(match.index + whole.length), linkTarget)
  const inner = (text: string): Html => renderInline(text, linkTarget)
  const found =
    code !== undefined
      ? html`<code>${code}</code>`
      : image !== undefined
        ? html`<img src="${linkTarget(image) ?? image}" alt="${description}" />`
        : target !== undefined
          ? renderLink(inner(label ?? ''), linkTarget(target))
          : strong !== undefined
            ? html`<strong>${inner(strong)}</strong>`
            : html`<em>${inner(stressed ?? '')}</em>`
  return html`${before}${found}${after}`
}

function renderLink(label: Html, target: string | undefined): Html {
  return target === undefined ? label : html`<a href="${target}">${label}</a>`
}

/** A heading without its marks. */
function plainText(heading: string): string {
  return heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '')
}
