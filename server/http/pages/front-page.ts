import { html } from './html.ts'
import { pageOf } from './page.ts'
import type { Page } from './send-page.ts'

/**
 * What stands at `/`: that a Slipway is here, and where to read on. No data: it is open to everybody.
 *
 * @param mounted Where it is mounted in another application; empty for a server of its own.
 */
export function frontPage(version: string, mounted: string): Page {
  return pageOf(
    'Slipway',
    html`<main class="sheet">
      <h1>Slipway</h1>
      <p>
        A model repository for Rasa, version ${version}. Bots poll
        <code>${mounted}/models/{model}@{tag}</code>.
      </p>
      <ul>
        <li><a href="${mounted}/docs">API reference</a></li>
        <li><a href="${mounted}/openapi.json">OpenAPI document</a></li>
      </ul>
    </main>`,
  )
}
