import type { ApiClient } from '../api/api-client.ts'
import { followEvents } from '../api/event-stream.ts'
import { PullFailure } from '../failure.ts'
import { pause } from '../timing/pause.ts'
import { paintLine, type Span } from './picture/paint.ts'
import { print } from './print.ts'
import { Screen, screenStyle, type ScreenStyle } from './screen.ts'

/** Between two looks while events are told, in milliseconds: what polls say without an event is seen by then. */
const LIVE_PACE = 30_000

/** Between two looks where the server tells no events. */
const PACE = 2_000

/** Between two looks, however much happens. */
const LEAST_PACE = 1_000

/** Ages grow while nothing happens. */
const REDRAW_PACE = 1_000

/** What there is to show now; an empty text shows nothing. */
export interface Look {
  text: string
  /** What stands on a terminal in place of the text. @param now Milliseconds since 1970. */
  draw?: (now: number, style: ScreenStyle) => Span[][]
  /** Whether there is nothing more to wait for. */
  isLast?: boolean
}

/** What is shown again and again. */
export interface Watched {
  client: ApiClient
  look: () => Promise<Look>
  signal: AbortSignal
  /** Whether it is shown on a terminal, each in place of the one before. */
  isScreen: boolean
}

/**
 * Shows something whenever the server tells that something happened, until it ends or a signal comes; where nothing can be
 * redrawn, each time that the text has changed. A terminal is given back as it was, with what was shown last.
 */
export async function watch(watched: Watched): Promise<void> {
  const { client, signal, isScreen } = watched
  const ending = new AbortController()
  const changes = new Changes()
  const following = followEvents(
    client,
    { onEvent: changes.note, onLive: changes.setLive },
    AbortSignal.any([signal, ending.signal]),
  )
  try {
    await (isScreen ? watchOnScreen(watched, changes) : watchAsText(watched, changes))
  } finally {
    ending.abort()
  }
  await following
}

async function watchAsText({ look, signal }: Watched, changes: Changes): Promise<void> {
  let last: string | undefined
  while (!signal.aborted) {
    const { text, isLast = false } = await look()
    if (text !== '' && text !== last) print(text)
    last = text
    if (isLast) return
    await changes.next(signal)
  }
}

async function watchOnScreen({ look, signal }: Watched, changes: Changes): Promise<void> {
  const { stdout, env } = process
  const screen = new Screen(stdout)
  let shown: Look | undefined
  let trouble: string | undefined
  const paint = (): string[] => {
    if (shown === undefined) return []
    const style = screenStyle(stdout, env)
    const spans = shown.draw?.(Date.now(), style) ?? shown.text.split('\n').map((text) => [{ text }])
    return spans.map((line) => paintLine(line, style))
  }
  const draw = (): void => {
    const style = screenStyle(stdout, env)
    const status = trouble ?? (changes.isLive ? 'live' : 'not live: asks every 2 s')
    const head = `${new Date().toISOString().slice(11, 19)}Z ${status}; Ctrl-C ends it`
    const color = trouble === undefined ? 'grey' : 'red'
    screen.draw([paintLine([{ text: head, color }], style), '', ...paint()])
  }
  const redrawing = setInterval(draw, REDRAW_PACE)
  stdout.on('resize', draw)
  try {
    while (!signal.aborted) {
      try {
        shown = await look()
        trouble = undefined
      } catch (error) {
        // A server that is away comes back; before the first look it may be the address that is wrong.
        if (shown === undefined || !(error instanceof PullFailure) || error.kind !== 'source') throw error
        trouble = error.message
      }
      draw()
      if (shown.isLast === true) break
      await changes.next(signal)
    }
  } finally {
    clearInterval(redrawing)
    stdout.off('resize', draw)
    screen.leave()
    if (shown !== undefined) print(paint().slice(0, stdout.rows).join('\n'))
  }
}

/** Whether something has happened since the last look. */
class Changes {
  #waiting: (() => void) | undefined
  #hasChanged = false
  isLive = false

  readonly note = (): void => {
    this.#hasChanged = true
    this.#waiting?.()
  }

  readonly setLive = (isLive: boolean): void => {
    // What happened in between was told to nobody.
    if (isLive !== this.isLive) this.note()
    this.isLive = isLive
  }

  /** Waits until it is time for the next look. */
  async next(signal: AbortSignal): Promise<void> {
    await pause(LEAST_PACE, signal)
    if (!this.#hasChanged && !signal.aborted) {
      const woken = new AbortController()
      this.#waiting = () => {
        woken.abort()
      }
      await pause(this.isLive ? LIVE_PACE : PACE, AbortSignal.any([signal, woken.signal]))
      this.#waiting = undefined
    }
    this.#hasChanged = false
  }
}
