import { USUAL_WIDTH } from './wrap-text.ts'

/** The columns of the terminal that standard output is; 80 where it is none, or does not say. */
export function terminalWidth(): number {
  const { columns } = process.stdout
  return process.stdout.isTTY && columns > 0 ? columns : USUAL_WIDTH
}
