/**
 * How to undo what a start has done so far: where it fails later, everything is closed, the last first. Otherwise a process that
 * goes on (a host application, a test) would keep an open catalog and a locked folder, and could neither try again nor end.
 */
export class CleanupStack {
  readonly #cleanups: (() => unknown)[] = []

  /** @param cleanUp What fails in it is left out, since the failure of the start matters more. */
  add(cleanUp: () => unknown): void {
    this.#cleanups.push(cleanUp)
  }

  async run(): Promise<void> {
    for (const each of this.#cleanups.splice(0).reverse()) {
      try {
        await each()
      } catch {
        // The start has failed already, and says why.
      }
    }
  }
}
