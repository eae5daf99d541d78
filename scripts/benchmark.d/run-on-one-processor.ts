import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { requireProgram } from './find-program.ts'

/** The second one. */
const PROCESSOR = '1'

/**
 * Has the main thread of a process run on one processor from now on, the same for all that are compared: what moves from one to another
 * finds its caches cold. Its other threads (garbage collection, compilation) run anywhere, as ever.
 */
export async function runOnOneProcessor(pid: number): Promise<void> {
  if (availableParallelism() < 2) return
  await promisify(execFile)(requireProgram('taskset', 'util-linux'), [
    '--cpu-list',
    '--pid',
    PROCESSOR,
    String(pid),
  ])
}
