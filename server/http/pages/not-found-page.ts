import { html } from './html.ts'
import { pageOf } from './page.ts'
import type { Page } from './send-page.ts'

/**
 * What a browser gets for an address that is not there.
 *
 * @param mounted Where the server is mounted in another application; empty for a server of its own.
 */
export function notFoundPage(mounted: string): Page {
  return pageOf(
    'Not found',
    html`<main class="sheet">
      <h1>Not found</h1>
      <p>Nothing is at this address.</p>
      <ul>
        <li><a href="${mounted}/">Slipway</a></li>
        <li><a href="${mounted}/docs">API reference</a></li>
      </ul>
    </main>`,
  )
}
