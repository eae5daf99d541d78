/** What a tool ends with; the same codes as the other commands (client/cli/exit-code.ts). */
export type ToolExit = 2 | 3 | 4 | 5 | 10

/** Why a tool stopped. The message says what happened, what was expected and what to do. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure'
  readonly exit: ToolExit

  /**
   * @param exit 2: wrong use. 3: this machine's disk, or the data directory is in use. 4: damage. 5: a bucket does not answer.
   *   10: in conflict with what is there.
   */
  constructor(exit: ToolExit, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exit = exit
  }
}
