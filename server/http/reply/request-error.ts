import type { ProblemCode } from '../../../protocol/problem-table.ts'
import type { ErrorData } from '../../errors/errors.ts'

/** A request that is wrong in itself, whatever is known of models. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: ProblemCode
  readonly data: ErrorData

  /** @param message What was sent, what was expected, and what to do. */
  constructor(code: ProblemCode, message: string, data: ErrorData = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.data = data
  }
}
