import type { Page } from './send-page.ts'

/** A ramp that leads down into water. */
const SHAPES = `<rect width="32" height="32" rx="7" fill="#0b5c8c"/>
<path d="M5 9 27 21v3H5z" fill="#fff"/>
<path d="M5 27c4-3 7 2 11 0s7-3 11 0" fill="none" stroke="#6fc0ef" stroke-width="2.5" stroke-linecap="round"/>`

/** The mark of the server, within a page. */
export const MARK = `<svg viewBox="0 0 32 32" aria-hidden="true">${SHAPES}</svg>`

/** The icon of the server's pages: browsers ask every server for `/favicon.ico`, and take SVG there. */
export const favicon: Page = {
  bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${SHAPES}</svg>\n`),
  headers: ['Content-Type', 'image/svg+xml'],
}
