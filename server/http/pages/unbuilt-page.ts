import { html } from './html.ts'
import { pageOf } from './page.ts'
import type { Page } from './send-page.ts'

/** What stands in place of every page where the dashboard was not built. */
export function unbuiltPage(version: string): Page {
  return pageOf(
    'Slipway',
    html`<main class="sheet">
      <h1>Slipway</h1>
      <p>
        A model repository for Rasa, version ${version}. Its pages were not built:
        <code>scripts/start</code> and <code>node scripts/dashboard.d/write-dashboard.ts</code> do that. The
        API works without them.
      </p>
    </main>`,
  )
}
