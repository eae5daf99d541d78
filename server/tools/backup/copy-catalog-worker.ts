import { parentPort, workerData } from 'node:worker_threads'
import { ToolFailure } from '../tool-failure.ts'
import { copyCatalog } from './copy-catalog.ts'
import type { CopyAnswer, CopyTask } from './snapshot-catalog.ts'

const { from, to } = workerData as CopyTask
parentPort?.postMessage(answer())

function answer(): CopyAnswer {
  try {
    return { contents: copyCatalog(from, to) }
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error
    return { failure: { exit: error.exit, message: error.message } }
  }
}
