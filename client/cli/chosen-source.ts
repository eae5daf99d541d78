import type { Source } from '../sources/source.ts'

/** A source, and what its configuration says about the interval (milliseconds; null: once). */
export interface ChosenSource {
  source: Source
  interval?: number | null
  warnings: string[]
}
