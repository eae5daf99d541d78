import { setTimeout as delay } from 'node:timers/promises'
import type { RetryPolicy } from './retry-policy.ts'

/** S3 says of joining parts that it may take several minutes. */
const LONGEST_WORK = 10 * 60 * 1000

/**
 * Waits for a work of the store that may last for minutes, and meanwhile asks the store something small now and then: one
 * that answers works, and one that does not is unavailable.
 *
 * @param ask makes one small request; its result does not matter
 * @param progress told of each answer, for ten minutes at most
 */
export async function whileStoreAnswers<Result>(
  { answerTimeout }: Pick<RetryPolicy, 'answerTimeout'>,
  work: Promise<Result>,
  ask: (signal: AbortSignal) => Promise<unknown>,
  progress: () => void,
): Promise<Result> {
  const done = new AbortController()
  const asking = (async (): Promise<void> => {
    const end = performance.now() + LONGEST_WORK
    for (;;) {
      await delay(answerTimeout, undefined, { signal: done.signal })
      await ask(AbortSignal.any([done.signal, AbortSignal.timeout(answerTimeout)])).then(
        () => {
          if (performance.now() < end) progress()
        },
        () => undefined,
      )
    }
  })()
  asking.catch(() => undefined)
  try {
    return await work
  } finally {
    done.abort()
  }
}
