/** What a tool ends with; the same codes as the other commands (client/cli/exit-code.ts). */
export type ToolExit = 2 | 3 | 4 | 5 | 10

/** What a program reacts to, not a person. `newer-catalog`: a newer version of Slipway has changed the tables. */
export type ToolFailureReason = 'newer-catalog'

/** Why a tool stopped. The message says what happened, what was expected and what to do. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure'
  readonly exit: ToolExit
  readonly reason: ToolFailureReason | undefined

  /**
   * @param exit 2: wrong use. 3: this machine's disk, or the data directory is in use. 4: damage. 5: a bucket does not answer.
   *   10: in conflict with what is there.
   */
  constructor(exit: ToolExit, message: string, options: ErrorOptions & { reason?: ToolFailureReason } = {}) {
    super(message, options)
    this.exit = exit
    this.reason = options.reason
  }
}
