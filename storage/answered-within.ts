import { StoreUnavailable } from './object-store.ts'

/**
 * Waits for something that others' code does, and that may never end.
 *
 * @param what of whom an answer is waited for, for the error
 * @throws StoreUnavailable where it did not end in time
 */
export async function answeredWithin<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new StoreUnavailable(`${what} did not answer within ${milliseconds} ms`))
  }, milliseconds)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
