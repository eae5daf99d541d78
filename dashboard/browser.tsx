import { signal } from '@preact/signals'
import { hydrate } from 'preact'
import type { Event } from '../protocol/event.ts'
import { BrowserApi } from './api/browser-api.ts'
import { ApiProblem } from './api/api.ts'
import { EventFollower } from './live/event-follower.ts'
import { shownLiveness, type Liveness } from './live/liveness.ts'
import { Refresher } from './live/refresher.ts'
import { findPage } from './page/find-page.ts'
import { keepFilledIn } from './page/keep-filled-in.ts'
import { LivePage } from './page/live-page.tsx'
import type { Boot } from './page/page.ts'
import { PAGES } from './page/pages.ts'

/** How often a page looks at the clock, in milliseconds: ages grow by themselves. */
const TICK = 5_000

const boot = JSON.parse(document.getElementById('boot')?.textContent ?? 'null') as Boot | null
if (boot !== null) wake(boot)

/** Has a page that the server drew go on by itself. */
function wake(boot: Boot): void {
  const found = findPage(PAGES, boot.path, boot.query)
  const element = document.getElementById('page')
  if (found === undefined || element === null) return
  const { page, where } = found
  const server = new URL(boot.root, document.baseURI).href
  const api = new BrowserApi(server)
  const data = signal(boot.data)
  const liveness = signal<Liveness>({ kind: 'asleep' })
  // The reader's clock may be wrong: ages are taken by the server's.
  const offset = boot.now - Date.now()
  const now = signal(boot.now)
  let stream: Liveness = liveness.value
  let readAt = new Date().toISOString()
  /** Of the last reading, where that failed: with what the server said of it. */
  let failure: { readonly reason: string | undefined } | undefined
  // The stream and the readings fail each at its own time: neither hides what is known of the other.
  const showLiveness = (): void => {
    liveness.value = shownLiveness(stream, failure === undefined ? undefined : readAt, failure?.reason)
  }
  const refresher = new Refresher(async () => {
    try {
      data.value = await page.load(api, where, boot.viewer)
      now.value = Date.now() + offset
      readAt = new Date().toISOString()
      failure = undefined
      showLiveness()
    } catch (error) {
      const status = error instanceof ApiProblem ? error.status : 0
      if (status === 404) location.reload()
      else {
        failure = { reason: error instanceof ApiProblem && status > 0 ? error.message : undefined }
        if ([401, 403].includes(status)) liveness.value = { kind: 'refused' }
        else showLiveness()
        throw error
      }
    }
  })
  keepFilledIn(element, () => {
    hydrate(<LivePage {...{ boot, page, where, data, now, liveness, api, server, refresher }} />, element)
  })
  setInterval(() => {
    now.value = Date.now() + offset
  }, TICK)
  const follower = new EventFollower({
    server,
    onEvent(event: Event) {
      if (page.concerns?.(event, where) !== false) refresher.soon()
    },
    onLiveness(next) {
      stream = next
      showLiveness()
      // What happened before the stream began is not in it.
      if (next.kind === 'live') refresher.soon()
    },
  })
  follower.start()
  refresher.keepGoing()
}
