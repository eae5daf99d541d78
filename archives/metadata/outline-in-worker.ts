import { Worker } from 'node:worker_threads'
import { ArchiveRefused } from '../archive-refused.ts'
import type { ArchiveRefusalCode, ArchiveRefusalData } from '../archive-refused.ts'
import type { MetadataFiles, MetadataOutline } from './metadata-outline.ts'

/** What the worker is to do. */
export interface OutlineTask {
  files: MetadataFiles
  depthLimit: number
}

/** What the worker says: errors lose their class on the way from thread to thread. */
export type OutlineAnswer =
  | { outline: MetadataOutline | undefined }
  | { refused: { code: ArchiveRefusalCode; message: string; data: ArchiveRefusalData } }

/** Beside this file, and with its ending: `.ts` in a checkout, `.js` where it was compiled. */
const PROGRAM = new URL(import.meta.url.replace(/outline-in-worker(\.\w+)$/, 'outline-worker$1'))

/** 16 MiB of nested lists take some 400 MB as JavaScript objects. */
const HEAP_MEGABYTES = 768

/** Workers run one after the other: two large files at once would take twice the memory, and be no faster. */
let previous: Promise<unknown> = Promise.resolve()

/**
 * Does as `outlineMetadata`, in a thread of its own, so that polls are answered meanwhile.
 *
 * @throws ArchiveRefused as that, and where the files need more memory than any honest ones
 */
export function outlineInWorker(
  task: OutlineTask,
  signal: AbortSignal,
): Promise<MetadataOutline | undefined> {
  const outcome = previous.then(() => run(task, signal))
  previous = outcome.catch(() => undefined)
  return outcome
}

async function run(task: OutlineTask, signal: AbortSignal): Promise<MetadataOutline | undefined> {
  signal.throwIfAborted()
  const worker = new Worker(PROGRAM, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  })
  try {
    const answer = await answerOf(worker, signal)
    if ('outline' in answer) return answer.outline
    const { code, message, data } = answer.refused
    throw new ArchiveRefused(code, message, data)
  } finally {
    await worker.terminate()
  }
}

function answerOf(worker: Worker, signal: AbortSignal): Promise<OutlineAnswer> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', abort, { once: true })
    worker.once('message', (answer: OutlineAnswer) => {
      signal.removeEventListener('abort', abort)
      resolve(answer)
    })
    worker.once('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abort)
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory() : error)
    })
    worker.once('exit', (code) => {
      reject(new Error(`the worker that reads metadata ended with ${code} and without an answer`))
    })
  })
}

function outOfMemory(): ArchiveRefused {
  return new ArchiveRefused(
    'archive-metadata-too-large',
    `the metadata of the archive takes more than ${HEAP_MEGABYTES} MB to be read, which that of no model does`,
  )
}
