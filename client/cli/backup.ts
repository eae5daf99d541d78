import type { Command } from 'commander'
import { addServerProgram } from './server-program.ts'

/** `slipway backup DIR`, `slipway restore DIR` and `slipway migrate`: on the machine of the server, in its data directory. */
export function addBackup(program: Command): void {
  addServerProgram(
    program,
    'backup',
    'back up the data directory of a server on this machine, while it runs or not',
    'tools/backup',
  )
  addServerProgram(
    program,
    'restore',
    'restore a backup into the data directory of a stopped server',
    'tools/restore',
  )
  addServerProgram(
    program,
    'migrate',
    'move a catalog into a Postgres database or back, or archives into a bucket or back',
    'tools/migrate',
  )
}
