import { signal, type ReadonlySignal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Api } from '../api/api.ts'
import type { Action } from '../actions/action.ts'
import type { Liveness } from '../live/liveness.ts'
import { targetKey, type Target, type Viewer } from './page.ts'

/** What every part of a page may need. */
export interface PageContext {
  /** Leads from the page to the server's root: `./`, `../`. */
  readonly root: string
  /** The address of the server as its reader reaches it, with a slash at its end, to be copied; links use `root`. */
  readonly server: string
  readonly viewer: Viewer
  readonly version: string
  /** Milliseconds since 1970; goes on in a browser. */
  readonly now: ReadonlySignal<number>
  /** Whether scripts run: times are the reader's own then, and buttons work. */
  readonly isAwake: ReadonlySignal<boolean>
  readonly liveness: ReadonlySignal<Liveness>
  /** null: no script runs. */
  readonly api: Api | null
  /** Has the reader confirm an action, and does it. */
  readonly confirm: (action: Action) => void
}

/** Who is not signed in. */
export const NOBODY: Viewer = { name: '', may: [], maySomewhere: [], mayAt: {}, isSignedIn: false }

const Context = createContext<PageContext>({
  root: './',
  server: '',
  version: '',
  viewer: NOBODY,
  now: signal(0),
  isAwake: signal(false),
  liveness: signal({ kind: 'asleep' }),
  api: null,
  confirm: () => undefined,
})

export const PageContextProvider = Context.Provider

export function usePage(): PageContext {
  return useContext(Context)
}

/**
 * Whether who looks at the page may do that.
 *
 * @param target For what; undefined: for every model.
 */
export function useMay(permission: string, target?: Target): boolean {
  const { may, mayAt } = usePage().viewer
  return (
    may.includes(permission) ||
    (target !== undefined && mayAt[targetKey(target)]?.includes(permission) === true)
  )
}

/** Whether who looks at the page may do that for some model at least. */
export function useMaySomewhere(permission: string): boolean {
  return usePage().viewer.maySomewhere.includes(permission)
}
