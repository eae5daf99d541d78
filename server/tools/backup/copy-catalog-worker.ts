import { parentPort, workerData } from 'node:worker_threads'
import { ToolFailure } from '../tool-failure.ts'
import { copyCatalog } from './copy-catalog.ts'
import type { CopyAnswer, CopyTask } from './copy-in-worker.ts'

const { from, to } = workerData as CopyTask
parentPort?.postMessage(await answer())

async function answer(): Promise<CopyAnswer> {
  try {
    if ('file' in from) return { contents: copyCatalog(from.file, to) }
    // Loaded where it is wanted: most servers keep their catalog in a file.
    const { copyDatabase } = await import('./copy-database.ts')
    return { contents: await copyDatabase(from.database, to) }
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error
    return { failure: { exit: error.exit, message: error.message, reason: error.reason } }
  }
}
