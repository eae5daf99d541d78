import { jsonLine } from '../../protocol/shown-text.ts'
import { errorCode } from '../failure.ts'

let failure: Error | undefined

/** Has failures of standard output remembered, which would else end the process or be lost. To be called once. */
export function watchOutput(): void {
  process.stdout.on('error', (error) => {
    failure ??= error
  })
}

/** Writes a line to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Writes a value to standard output as one line of JSON. */
export function printJson(value: unknown): void {
  print(jsonLine(value))
}

/**
 * Waits until all that was printed is written.
 *
 * @returns why it could not be; undefined too where whoever reads it has gone (`| head`), since that is its choice.
 */
export async function outputFailure(): Promise<Error | undefined> {
  await new Promise<void>((resolve) => {
    if (process.stdout.writableNeedDrain || process.stdout.writableLength > 0)
      process.stdout.write('', () => {
        resolve()
      })
    // An error of the last write is told in the next turn.
    else setImmediate(resolve)
  })
  return errorCode(failure) === 'EPIPE' ? undefined : failure
}
