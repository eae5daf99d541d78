import { parentPort, workerData } from 'node:worker_threads'
import { ArchiveRefused } from '../archive-refused.ts'
import type { OutlineAnswer, OutlineTask } from './outline-in-worker.ts'
import { outlineMetadata } from './outline-metadata.ts'

// The program of the thread that outlineInWorker starts: one task, one answer.
const { files, depthLimit } = workerData as OutlineTask
parentPort?.postMessage(answer())

function answer(): OutlineAnswer {
  try {
    return { outline: outlineMetadata(files, depthLimit) }
  } catch (error) {
    if (!(error instanceof ArchiveRefused)) throw error
    return { refused: { code: error.code, message: error.message, data: error.data } }
  }
}
