import { Worker } from 'node:worker_threads'
import { ToolFailure } from '../tool-failure.ts'
import type { CatalogSource } from './catalog-source.ts'
import type { CatalogContents } from './copy-catalog.ts'

/** What the worker is to do. */
export interface CopyTask {
  from: CatalogSource
  to: string
}

/** What the worker says: errors lose their class on the way from thread to thread. */
export type CopyAnswer =
  { contents: CatalogContents } | { failure: Pick<ToolFailure, 'exit' | 'message' | 'reason'> }

/** Beside this file, and with its ending: `.ts` in a checkout, `.js` where it was compiled. */
const PROGRAM = new URL(import.meta.url.replace(/copy-in-worker(\.\w+)$/, 'copy-catalog-worker$1'))

/**
 * Copies a catalog in a thread of its own.
 *
 * @param program What the thread runs.
 * @throws ToolFailure; 3 where the thread ended without an answer.
 */
export async function copyInWorker(task: CopyTask, program: URL = PROGRAM): Promise<CatalogContents> {
  const worker = new Worker(program, { workerData: task })
  try {
    const answer = await answerOf(worker)
    if ('contents' in answer) return answer.contents
    const { exit, message, reason } = answer.failure
    throw new ToolFailure(exit, message, reason === undefined ? {} : { reason })
  } finally {
    await worker.terminate()
  }
}

function answerOf(worker: Worker): Promise<CopyAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? ended('memory ran out', error) : error)
    })
    // After a message and after an error, too: it changes nothing then.
    worker.once('exit', (code) => {
      reject(ended(`exit code ${code}`))
    })
  })
}

function ended(why: string, cause?: Error): ToolFailure {
  const sentence = `The thread that copies the catalog ended before it had (${why}). Nothing was kept of the copy; see whether this machine has memory left, and try again.`
  return new ToolFailure(3, sentence, cause === undefined ? {} : { cause })
}
