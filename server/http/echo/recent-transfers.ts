import type { TransferState } from '../../../protocol/echo.ts'

/** More diagnoses than run at the same time. */
const MOST = 200

/** What became of the last transfers of test archives: how `slipway doctor` learns what a proxy kept from the server. */
export class RecentTransfers {
  readonly #states = new Map<string, TransferState>()

  /** Notes the state of a transfer; the oldest is forgotten where there are too many. */
  note(id: string, state: TransferState): void {
    const [oldest] = this.#states.keys()
    if (this.#states.size >= MOST && oldest !== undefined && !this.#states.has(id))
      this.#states.delete(oldest)
    this.#states.set(id, state)
  }

  /** undefined where it is not known, or not any more. */
  find(id: string): TransferState | undefined {
    return this.#states.get(id)
  }
}
