import { Worker } from 'node:worker_threads'

/** A signal, what nobody caught, a reason for which another process is to go on, or the application that the server is a part of. */
export type StopCause =
  { signal: NodeJS.Signals } | { error: unknown } | { reason: string } | { closed: true }

/** What happens when the process is to end. */
export interface StopPlan {
  /** Ends everything in order. */
  stop: (cause: StopCause) => Promise<void>
  /** Told where `stop` rejects, or does not end in time. */
  onFailure: (error: Error) => void
  /** Resolves when the last words are written, soon. */
  flushLog: () => Promise<void>
  deadlineMilliseconds: number
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** How long after the deadline the process is killed where even its own end hangs. */
const KILL_AFTER_MILLISECONDS = 2_000

/** How long files that are being read or written may take to come to an end. */
const LAST_FILES_MILLISECONDS = 500

/**
 * Ends the process on SIGINT, SIGTERM, SIGHUP or SIGQUIT with 0, after an error that nobody caught with 1. A second one ends it
 * at once with 1, and so does the deadline.
 *
 * @returns what ends it for another reason, with 1: whoever supervises it starts it again.
 */
export function stopOnSignal(plan: StopPlan): (reason: string) => void {
  let isStopping = false
  const begin = (cause: StopCause): void => {
    if (isStopping) {
      void exit(1)
      return
    }
    isStopping = true
    killAfter(plan.deadlineMilliseconds + KILL_AFTER_MILLISECONDS)
    void stopInTime(plan, cause)
  }
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      begin({ signal })
    })
  }
  process.on('uncaughtException', (error) => {
    begin({ error })
  })
  process.on('unhandledRejection', (error) => {
    begin({ error })
  })
  return (reason) => {
    begin({ reason })
  }
}

async function stopInTime(plan: StopPlan, cause: StopCause): Promise<void> {
  let code = 'error' in cause || 'reason' in cause ? 1 : 0
  const deadline = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    deadline.reject(new Error(`Stopping took longer than ${plan.deadlineMilliseconds} ms`))
  }, plan.deadlineMilliseconds)
  try {
    await Promise.race([plan.stop(cause), deadline.promise])
  } catch (reason) {
    code = 1
    plan.onFailure(reason instanceof Error ? reason : new Error(String(reason)))
  }
  clearTimeout(timer)
  await plan.flushLog()
  await exit(code)
}

/**
 * `process.exit` waits for the thread pool: one read of a network disk that is gone would hold it for good. So where files are
 * still in use a little later, the process kills itself.
 */
async function exit(code: number): Promise<void> {
  const end = performance.now() + LAST_FILES_MILLISECONDS
  while (hasFilesInUse()) {
    if (performance.now() > end) process.kill(process.pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  process.exit(code)
}

function hasFilesInUse(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'))
}

/** Kills the process from a thread of its own: its timer fires even where this thread never comes to an end. */
function killAfter(milliseconds: number): void {
  const program = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${milliseconds})`
  const worker = new Worker(program, { eval: true })
  // Without it there is still the deadline of this thread.
  worker.on('error', () => undefined)
  worker.unref()
}
