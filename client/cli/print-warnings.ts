import { shownText } from '../../protocol/shown-text.ts'

/** Shows a person what the server warned of, on standard error: the output stays what scripts expect. */
export function printWarnings(warnings: readonly { message: string }[] = []): void {
  for (const { message } of warnings) console.error(`warning: ${shownText(message)}`)
}
