import { USUAL_WIDTH } from './wrap-text.ts'

/**
 * The columns of the terminal that standard output is.
 *
 * @param otherwise What is said where it is none, as a file or a pipe, or does not say.
 */
export function terminalWidth(otherwise = USUAL_WIDTH): number {
  const { columns } = process.stdout
  return process.stdout.isTTY && columns > 0 ? columns : otherwise
}
