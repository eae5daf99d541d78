/**
 * What a start has taken so far: where it fails later, everything is given back, the last first. Otherwise a process that
 * goes on (a host application, a test) would keep an open catalog and a locked folder, and could neither try again nor end.
 */
export class TakenSoFar {
  readonly #giveBack: (() => unknown)[] = []

  /** @param giveBack How to give it back; what fails then is left out, since the failure of the start matters more. */
  add(giveBack: () => unknown): void {
    this.#giveBack.push(giveBack)
  }

  async giveBack(): Promise<void> {
    for (const each of this.#giveBack.splice(0).reverse()) {
      try {
        await each()
      } catch {
        // The start has failed already, and says why.
      }
    }
  }
}
