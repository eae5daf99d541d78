import type { Counts, FailedTest, NamedTest } from './count-reporter.ts'

/** Where tests of more files fail, it is the code that is wrong, and a second attempt would only take time. */
const MOST_FILES = 8
/** How fast-check begins: values that break a rule are proof, and other values that keep it are none. */
const COUNTEREXAMPLE = 'Property failed'

/**
 * The files whose tests get a second attempt, by themselves: tests run beside others, on whatever machine there is, and one in
 * thousands that was starved of the processor says nothing of the code. Those that pass then are named all the same.
 */
export function filesToRepeat(failures: readonly FailedTest[]): string[] {
  const files = new Set(failures.filter((failed) => !isProof(failed)).map(({ file }) => file))
  files.delete('')
  return files.size > MOST_FILES ? [] : [...files]
}

/** What two attempts came to together: a test has passed if it passed in either, unless its failure is proof. */
export function mergeAttempts(
  first: Counts,
  second: Counts,
): Counts & { readonly recovered: readonly NamedTest[] } {
  const repeated = new Set(filesToRepeat(first.failures))
  const failedAgain = namesOf(second.failures)
  const hasFailed = (failed: FailedTest): boolean =>
    isProof(failed) || !repeated.has(failed.file) || failedAgain.has(identify(failed))
  const known = namesOf([...first.passes, ...first.failures, ...first.pending])
  const isNew = (test: NamedTest): boolean => !known.has(identify(test))
  // Behind a hook that failed, tests are run, and may fail or be skipped, in the second attempt only.
  const failures = [...first.failures.filter(hasFailed), ...second.failures.filter(isNew)]
  const counted = namesOf([...first.passes, ...failures])
  return {
    passes: [...first.passes, ...second.passes.filter((test) => !counted.has(identify(test)))],
    failures,
    pending: [...first.pending, ...second.pending.filter(isNew)],
    recovered: first.failures.filter((failed) => !hasFailed(failed)),
  }
}

function isProof({ message }: FailedTest): boolean {
  return message.startsWith(COUNTEREXAMPLE)
}

function namesOf(tests: readonly NamedTest[]): Set<string> {
  return new Set(tests.map(identify))
}

function identify({ title, file }: NamedTest): string {
  return `${file}\n${title}`
}
