import type { ComponentChildren } from 'preact'
import type { Event } from '../../protocol/event.ts'
import type { Api } from '../api/api.ts'
import type { Where } from './where.ts'

/** One page: what it reads, and what it shows of that. */
export interface Page<Data> {
  /** Its address below the server's root, with `:name` for what varies: `dashboard/models/:model`. */
  readonly path: string
  /** Which entry of the menu it belongs to. */
  readonly menu: MenuEntry | null
  title(data: Data, where: Where): string
  /**
   * Reads all that it shows; on the server for the first time, in the browser to stay up to date.
   *
   * @param reader Who looks at it: what they may not read is not asked for.
   */
  load(api: Api, where: Where, reader: Reader): Promise<Data>
  view(data: Data, where: Where): ComponentChildren
  /** Which models and tags it has buttons for; those that its address names where it does not say. */
  targets?(data: Data): Target[]
  /** Which events change what it shows; every one where it does not say. */
  concerns?(event: Event, where: Where): boolean
}

/** What a permission may be limited to. */
export interface Target {
  readonly model: string
  /** Undefined: any tag of the model. */
  readonly tag?: string | undefined
}

/** Names a target in {@link Viewer.mayAt}: no name has an `@`. */
export function targetKey({ model, tag }: Target): string {
  return tag === undefined ? model : `${model}@${tag}`
}

export type MenuEntry =
  'overview' | 'models' | 'bots' | 'rollouts' | 'publish' | 'webhooks' | 'tokens' | 'audit'

/** Who reads a page, and what they may do. */
export interface Reader {
  readonly name: string
  /** Permissions as the server names them, for every model: `promote`, `manage`, … */
  readonly may: readonly string[]
  /** Those that they have for some model at least. */
  readonly maySomewhere: readonly string[]
  /** Whether a cookie of this server has signed them in, so that they can sign out. */
  readonly isSignedIn: boolean
}

/** A reader, and what they may do to what a page is about. */
export interface Viewer extends Reader {
  /** Permissions by `model` or `model@tag`. */
  readonly mayAt: Readonly<Record<string, readonly string[]>>
}

/** What a page comes with when the server sends it. */
export interface Boot {
  /** Below the server's root: `dashboard/bots`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Leads from the page to the server's root: `./`, `../`. */
  readonly root: string
  readonly viewer: Viewer
  readonly version: string
  /** Milliseconds since 1970, by the server. */
  readonly now: number
  readonly data: unknown
}
