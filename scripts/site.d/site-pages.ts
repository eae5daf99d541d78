import { globSync } from 'node:fs'
import path from 'node:path'

/** The pages by the headings of the menu; what is named nowhere stands under the last. */
const MENU: Readonly<Record<string, readonly string[]>> = {
  Start: [
    'README.md',
    'docs/concepts.md',
    'docs/install.md',
    'docs/container.md',
    'docs/kubernetes.md',
    'docs/moving.md',
  ],
  Guides: [
    'docs/scaling.md',
    'docs/ci.md',
    'docs/dashboard.md',
    'docs/rollouts.md',
    'docs/puller.md',
    'docs/rasa-persistor.md',
    'docs/proxies.md',
    'docs/doctor.md',
    'docs/object-stores.md',
    'docs/operations.md',
    'docs/monitoring.md',
    'docs/webhooks.md',
    'docs/access.md',
    'docs/signatures.md',
    'docs/tls.md',
  ],
  Reference: [
    'docs/cli.md',
    'docs/reference/commands.md',
    'docs/reference/settings.md',
    'docs/reference/api.md',
    'docs/events.md',
    'docs/problems.md',
  ],
  More: [],
}

/** A heading of the menu with its pages, by their paths in the checkout. */
export interface MenuSection {
  heading: string
  pages: string[]
}

/** All pages of a checkout, as the menu has them. Decisions have a page that lists them, and are not in the menu. */
export function menuOf(checkout: string): MenuSection[] {
  const isThere = new Set(pagesOf(checkout))
  const named = new Set(Object.values(MENU).flat())
  const others = [...isThere].filter((page) => !named.has(page) && !page.startsWith('docs/adr/')).sort()
  return Object.entries(MENU).map(([heading, pages]) => ({
    heading,
    pages: [...pages.filter((page) => isThere.has(page)), ...(heading === 'More' ? others : [])],
  }))
}

/** The Markdown files of a checkout that are pages. */
export function pagesOf(checkout: string): string[] {
  return globSync(['*.md', 'docs/**/*.md'], { cwd: checkout }).map((page) => page.replaceAll(path.sep, '/'))
}

/** Where a page stands on the site. */
export function sitePathOf(page: string): string {
  return page === 'README.md' ? 'index.html' : page.replace(/\.md$/, '.html')
}
