import { html, Html } from './html.ts'
import { htmlPage, type Page } from './send-page.ts'
import { STYLE } from './style.ts'

/** A whole page around its body. */
export function pageOf(title: string, body: Html): Page {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${body}
      </body>
    </html> `
  return htmlPage(text, STYLE.text)
}

// As one piece: white space around the style sheet would change its hash.
const STYLE_ELEMENT = new Html(`<style>${STYLE.text}</style>`)
