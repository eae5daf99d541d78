import { SingleBar } from 'cli-progress'
import type { WriteStream } from 'node:tty'
import type { Progress } from '../events.ts'

/** Transfers that end sooner need no bar. */
const LONG = 2_000
/** As tables and messages count, too. */
const MEGABYTE = 1_000_000

export interface ProgressBar {
  show: (progress: Progress) => void
  /** Takes the bar off the terminal, so that words can be written. */
  stop: () => void
}

/** A bar for long transfers, on a terminal only. */
export function progressBar(stream: WriteStream, quiet: boolean): ProgressBar {
  if (quiet || !stream.isTTY) return { show: () => undefined, stop: () => undefined }
  let bar: SingleBar | undefined
  let since: number | undefined
  const stop = (): void => {
    bar?.stop()
    bar = since = undefined
  }
  const show = ({ bytes, total }: Progress): void => {
    since ??= performance.now()
    if (total === undefined || performance.now() - since < LONG) return
    if (bar === undefined) {
      bar = new SingleBar({
        format: '{bar} {percentage}% of {total} MB, {eta_formatted} to go',
        stream,
        clearOnComplete: true,
        hideCursor: null,
        // Signals are ours: whoever shows the bar stops it, and the command ends by itself.
        gracefulExit: false,
      })
      bar.start(Math.ceil(total / MEGABYTE), 0)
    }
    bar.update(Math.floor(bytes / MEGABYTE))
    if (bytes >= total) stop()
  }
  return { show, stop }
}
