import type { Command } from 'commander'
import { addServerProgram } from './server-program.ts'

/** `slipway serve`. */
export function addServe(program: Command): void {
  addServerProgram(program, 'serve', 'run the server; serve --help lists its variables', 'main')
}
