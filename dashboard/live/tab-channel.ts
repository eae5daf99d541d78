import type { Event } from '../../protocol/event.ts'
import type { Liveness } from './liveness.ts'

/** What tabs of one browser tell each other. */
export type TabMessage =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'liveness'; readonly liveness: Liveness }
  /** A tab that has just come asks how it stands. */
  | { readonly kind: 'hello' }

/** Joins the tabs of one browser that show pages of one server. */
export class TabChannel {
  readonly #channel: BroadcastChannel

  /**
   * @param server The address of the server, with a slash at its end.
   * @param hear Told what other tabs tell.
   */
  constructor(server: string, hear: (message: TabMessage) => void) {
    this.#channel = new BroadcastChannel(`slipway ${server}`)
    this.#channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
      hear(data)
    })
  }

  /** Tells all other tabs. */
  tell(message: TabMessage): void {
    this.#channel.postMessage(message)
  }
}
