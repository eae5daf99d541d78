import { DomainError } from '../../server/errors/errors.ts'

/**
 * Takes a failure of work that goes on by itself. What comes after a test, when its catalog is closed, is no failure of another one.
 *
 * @throws the failure, which ends the run of the tests.
 */
export function throwUnlessTestHasEnded(error: unknown): void {
  if (!(error instanceof DomainError && error.code === 'shutting-down')) throw error
}
