import { clockJump, type TimeReading } from '../time/clock-jump.ts'
import type { SilenceFact } from './fact.ts'
import type { FleetMemory } from './fleet-memory.ts'
import type { ProcessRecord } from './process-record.ts'
import type { SlowestLoads } from './slowest-loads.ts'

/** No process is lost earlier, whatever its interval. */
const SHORTEST_SILENCE = 5 * 60_000

/** What time says of a process that was not heard for minutes. */
export interface Silence {
  readonly model: string
  readonly record: ProcessRecord
  readonly fact: SilenceFact
}

/**
 * Looks for processes that are silent. Where the clock was set between two looks, nobody can say how long anybody was: it is then
 * as if polls were heard since that moment only.
 */
export class SilenceWatch {
  readonly #memory: FleetMemory
  readonly #slowest: SlowestLoads
  readonly #readTime: () => TimeReading
  #reading: TimeReading
  #listeningSince: number

  constructor(memory: FleetMemory, slowest: SlowestLoads, readTime: () => TimeReading) {
    this.#memory = memory
    this.#slowest = slowest
    this.#readTime = readTime
    this.#reading = readTime()
    this.#listeningSince = this.#reading.wall
  }

  /** Since when polls are heard: the start, or the last jump of the clock. Milliseconds since 1970. */
  get listeningSince(): number {
    return this.#listeningSince
  }

  /** When it looked last. Milliseconds since 1970. */
  get lookedAt(): number {
    return this.#reading.wall
  }

  /** Looks at the clock, then at all processes. */
  *look(): Generator<Silence> {
    const reading = this.#readTime()
    const jump = clockJump(this.#reading, reading)
    this.#reading = reading
    if (jump !== 0) this.#listeningSince = reading.wall
    const listeningSince = this.#listeningSince
    for (const { model, record } of this.#memory.records()) {
      if (record.lostAt !== null || Math.abs(reading.wall - record.lastSeen) < SHORTEST_SILENCE) continue
      const slowestLoad = this.#slowest.find(model, record.offer?.digest)
      const fact = { kind: 'silence', process: record.process, slowestLoad, listeningSince } as const
      yield { model, record, fact }
    }
  }
}
