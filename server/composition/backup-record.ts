/** What is told of the backups that servers take by themselves. */
export class BackupRecord {
  #lastTakenAt: number | undefined
  #failures = 0
  #failuresInARow = 0

  /** When the last one was taken, by this server or another one; milliseconds since 1970. */
  get lastTakenAt(): number | undefined {
    return this.#lastTakenAt
  }

  /** How many of this server failed since its start. */
  get failures(): number {
    return this.#failures
  }

  /** How many of this server failed since one was taken, whoever took it. */
  get failuresInARow(): number {
    return this.#failuresInARow
  }

  /** @param at When the last one was taken that is known of; may be told again and again. */
  taken(at: number | undefined): void {
    if (at === undefined || at === this.#lastTakenAt) return
    this.#lastTakenAt = at
    this.#failuresInARow = 0
  }

  failed(): void {
    this.#failures++
    this.#failuresInARow++
  }
}
