import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { html, Html } from '../../server/http/pages/html.ts'
import { STYLE } from '../../server/http/pages/style.ts'
import { renderMarkdown, type RenderedPage } from './markdown.ts'
import { menuOf, pagesOf, sitePathOf, type MenuSection } from './site-pages.ts'

/** What pages of text need besides the style of the server's own pages. */
const MORE_STYLE = `
img { max-width: 100%; height: auto; }
.table { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0; font-size: .95rem; }
th, td { padding: .4rem .7rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
td code { overflow-wrap: break-word; }
.menu a[aria-current] { font-weight: 600; }
`

/**
 * Writes the documentation as a site: a file of HTML for each page, and the files that they link to.
 *
 * @param target The folder; emptied first.
 * @returns how many pages it has.
 * @throws Error where a page links to a file that is not there.
 */
export async function buildSite(checkout: string, target: string): Promise<number> {
  await rm(target, { recursive: true, force: true })
  const linked = new Set<string>()
  const rendered = new Map<string, RenderedPage>()
  for (const page of pagesOf(checkout)) {
    const markdown = await readFile(path.join(checkout, page), 'utf8')
    const folders = new Map<string, boolean>()
    for (const [, link = ''] of markdown.matchAll(/\]\((?![a-z]+:|#)([^)\s#]+)/g)) {
      const file = path.posix.normalize(path.posix.join(path.posix.dirname(page), link))
      folders.set(link, (await stat(path.join(checkout, file))).isDirectory())
      if (folders.get(link) === false && !file.endsWith('.md')) linked.add(file)
    }
    rendered.set(
      page,
      renderMarkdown(markdown, (link) => siteLink(link, folders)),
    )
  }
  rendered.set('docs/adr/index.md', decisions(rendered))
  const menu = menuOf(checkout)
  for (const [page, { title, body }] of rendered) {
    const text = pageText(page, title, body, menu, rendered)
    await write(path.join(target, sitePathOf(page)), text)
  }
  for (const file of linked) {
    await mkdir(path.join(target, path.dirname(file)), { recursive: true })
    await copyFile(path.join(checkout, file), path.join(target, file))
  }
  return rendered.size
}

/** Pages are linked as pages; a folder has a page only where it holds decisions. */
function siteLink(link: string, folders: ReadonlyMap<string, boolean>): string | undefined {
  if (/^(?:[a-z]+:|#)/.test(link)) return link
  const [file = '', anchor] = link.split('#')
  if (folders.get(file) === true)
    return /(?:^|\/)adr\/?$/.test(file) ? `${file.replace(/\/$/, '')}/index.html` : undefined
  const page = file.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html')
  return anchor === undefined ? page : `${page}#${anchor}`
}

/** The page that lists the decisions. */
function decisions(rendered: ReadonlyMap<string, RenderedPage>): RenderedPage {
  const pages = [...rendered.keys()].filter((page) => page.startsWith('docs/adr/')).sort()
  return {
    title: 'Decisions',
    body: html`<h1>Decisions</h1>
      <ul>
        ${pages.map((page) => html`<li><a href="${path.posix.basename(sitePathOf(page))}">${rendered.get(page)?.title}</a></li>`)}
      </ul>`,
  }
}

function pageText(
  page: string,
  title: string,
  body: Html,
  menu: readonly MenuSection[],
  rendered: ReadonlyMap<string, RenderedPage>,
): string {
  const from = path.posix.dirname(sitePathOf(page))
  const item = (other: string): Html => {
    const link = path.posix.relative(from, sitePathOf(other))
    const current = new Html(other === page ? ' aria-current="page"' : '')
    return html`<li><a href="${link}" ${current}>${rendered.get(other)?.title}</a></li>`
  }
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title === 'Slipway' ? title : `${title} · Slipway`}</title>
        <style>
          ${new Html(STYLE.text + MORE_STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <div class="api">
          <nav class="menu" aria-label="Pages">
            <details>
              <summary><strong>Slipway: contents</strong></summary>
              ${menu.map(
                ({ heading, pages }) =>
                  html`<strong>${heading}</strong>
                    <ul>
                      ${pages.map(item)}
                    </ul>`,
              )}
            </details>
          </nav>
          <main class="content" id="content" tabindex="-1">${body}</main>
        </div>
      </body>
    </html> `.text
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
}
