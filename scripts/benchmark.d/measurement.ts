/** How thoroughly, and where. */
export interface Effort {
  rounds: number
  /** How long one load of one round lasts. */
  seconds: number
  /** Sizes are cut down, so that everything is tried once in little time: the figures then mean nothing. */
  quick: boolean
  /** An empty folder for this measurement, removed afterwards. */
  folder: string
}

/** What a row of the table says, and whether a promised figure was reached. */
export interface Report {
  columns: readonly string[]
  rows: (string | number)[][]
  goals: Goal[]
  /** How often and for how long, where a measurement divides its effort in its own way. */
  loads?: string
}

/** A promised figure. `figure` reaches it where it is at least (or, with `atMost`, at most) `wanted`. */
export interface Goal {
  what: string
  wanted: number
  figure: number
  atMost?: boolean
  /** The same ratio in CPU time, which other work on the machine disturbs less: where it is known, it decides. */
  inCpuTime?: number
}

export interface Measurement {
  /** As it is chosen on the command line. */
  name: string
  title: string
  /** How it is done, for docs/performance.md. */
  method: string
  run: (effort: Effort) => Promise<Report>
}

/** Whether a goal is reached, by CPU time where that is known. */
export function isReached({ figure, wanted, atMost = false, inCpuTime = figure }: Goal): boolean {
  return atMost ? figure <= wanted : inCpuTime >= wanted
}
