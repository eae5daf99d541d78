/** Milliseconds, by the clock of the database. */
export interface RegistryTimings {
  /** A server that was not heard of for so long is taken for ended. */
  readonly alive: number
  /** Between two times that it says so. */
  readonly heartbeat: number
}

export const STANDARD_REGISTRY: RegistryTimings = { alive: 15_000, heartbeat: 5_000 }
