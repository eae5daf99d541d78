import { pause } from '../timing/pause.ts'
import { print } from './print.ts'

/** Between two looks, in milliseconds: bots poll every ten seconds at best. */
const PACE = 2_000

/** Moves the cursor home and clears what is below it: less flicker than clearing first. */
const HOME = '\u001b[H\u001b[J'
const CLEAR = '\u001b[2J'

/** What there is to show now; an empty text shows nothing. */
export interface Look {
  text: string
  /** Whether there is nothing more to wait for. */
  isLast?: boolean
}

/** What is shown again and again. */
export interface Watched {
  look: () => Promise<Look>
  signal: AbortSignal
  /** Whether each text is shown on a terminal, in place of the one before. */
  isScreen: boolean
}

/** Shows something until it ends or a signal comes; where nothing can be redrawn, each time that it has changed. */
export async function watch({ look, signal, isScreen }: Watched): Promise<void> {
  let last: string | undefined
  if (isScreen) process.stdout.write(CLEAR)
  while (!signal.aborted) {
    const { text, isLast = false } = await look()
    if (isScreen) print(`${HOME}${text}`)
    else if (text !== '' && text !== last) print(text)
    last = text
    if (isLast) return
    await pause(PACE, signal)
  }
}
