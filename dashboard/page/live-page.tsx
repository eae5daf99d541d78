import { signal, useSignal, type ReadonlySignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Action } from '../actions/action.ts'
import type { BrowserApi } from '../api/browser-api.ts'
import type { Liveness } from '../live/liveness.ts'
import type { Refresher } from '../live/refresher.ts'
import { ActionDialog } from '../parts/action-dialog.tsx'
import { PageContextProvider } from './context.ts'
import { Frame } from './frame.tsx'
import type { Boot, Page } from './page.ts'
import type { Where } from './where.ts'

/** How long it is said that an action is done, in milliseconds. */
const SAID = 8_000
/** Where there is more to read. */
const SAID_LONGER = 60_000

/** So long a page that leads to another is not read, in milliseconds: whoever stopped that, or could not get there, is here still. */
const ON_THE_WAY = 15_000

interface LivePageProps {
  boot: Boot
  page: Page<unknown>
  where: Where
  data: ReadonlySignal<unknown>
  now: ReadonlySignal<number>
  liveness: ReadonlySignal<Liveness>
  api: BrowserApi
  server: string
  refresher: Pick<Refresher, 'now' | 'pause' | 'resume'>
}

const isAwake = signal(false)

/** A page in a browser: what the server drew, kept up to date, with buttons that work. */
export function LivePage({ boot, page, where, data, now, liveness, api, server, refresher }: LivePageProps) {
  const action = useSignal<Action | null>(null)
  const done = useSignal('')
  const { root, viewer, version } = boot
  // First drawn as the server drew it; what only a reader's browser knows comes with the second time.
  useEffect(() => {
    isAwake.value = true
  }, [])
  const title = `${page.title(data.value, where)} · Slipway`
  useEffect(() => {
    document.title = title
  }, [title])
  const confirm = (next: Action): void => {
    action.value = next
  }
  const act = async (chosen: Action): Promise<unknown> => {
    let answer: unknown
    // What this page shows is gone then: to read it again would show that, instead of the page that it leads to.
    if (chosen.leadsTo !== undefined) await refresher.pause()
    try {
      answer = await api.send(chosen.call)
      for (const call of chosen.alsoCalls ?? []) await api.send(call)
    } catch (error) {
      // What was refused was most likely decided on what is so no more; and of several calls some may be done.
      void refresher.resume()
      throw error
    }
    if (chosen.leadsTo !== undefined) {
      location.assign(server + chosen.leadsTo)
      setTimeout(() => void refresher.resume(), ON_THE_WAY)
      return answer
    }
    const said = chosen.sayDone?.(answer) ?? chosen.done
    done.value = said
    setTimeout(
      () => {
        if (done.value === said) done.value = ''
      },
      said === chosen.done ? SAID : SAID_LONGER,
    )
    const isShown = refresher.now()
    // A secret must not wait for what the page shows besides.
    if (chosen.reveal === undefined) await isShown
    return answer
  }
  const chosen = action.value
  return (
    <PageContextProvider value={{ root, server, viewer, version, now, isAwake, liveness, api, confirm }}>
      <Frame menu={page.menu}>{page.view(data.value, where)}</Frame>
      {chosen !== null && (
        <ActionDialog
          action={chosen}
          server={server}
          api={api}
          act={act}
          close={() => {
            action.value = null
          }}
        />
      )}
      <p class="said" role="status">
        {done.value}
      </p>
    </PageContextProvider>
  )
}
