/** Lines over time. */
export interface ChartData {
  /** Seconds since 1970, rising. */
  readonly times: readonly number[]
  readonly lines: readonly ChartLine[]
  /** Whether each value holds until the next. */
  readonly isStepped: boolean
}

/** One line, with a value for each time. */
export interface ChartLine {
  readonly label: string
  readonly values: readonly number[]
  /** The custom property of the style sheet that has its colour. */
  readonly colorName: string
}
