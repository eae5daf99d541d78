import type { Logger } from 'pino'
import type { ProblemCode } from '../../../protocol/problem-table.ts'

/** What the log is told of a request that failed. */
export interface Fault {
  readonly code: ProblemCode
  readonly error: unknown
  /** The name of the line. */
  readonly event: string
  /** What the line says besides. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/**
 * What lasts, and fails every request that meets it: a database where somebody holds a lock made 740 lines in two minutes, and every
 * bot that starts asks for a damaged archive.
 */
const LASTING: ReadonlySet<ProblemCode> = new Set([
  'catalog-busy',
  'catalog-unavailable',
  'storage-unavailable',
  'storage-owned-elsewhere',
  'blob-damaged',
  'blob-missing',
])

const TOLD_EVERY_MILLISECONDS = 60_000

/** What failed requests in the same way since a first one. */
interface Outage {
  readonly begun: number
  last: Fault
  lastAt: number
  requests: number
  /** Of these, those that the log was not told of. */
  untold: number
}

/**
 * Logs what failed requests. Of what lasts the first one is told, then once a minute how many there were (`requests`) with the last one's
 * cause, and `faults_ended` after a minute without any. Each request has its own line, with the code, in any case.
 */
export class FaultLog {
  readonly #logger: Logger
  readonly #every: number
  readonly #outages = new Map<string, Outage>()

  /** @param every Milliseconds between two lines of one outage. */
  constructor(logger: Logger, every: number = TOLD_EVERY_MILLISECONDS) {
    this.#logger = logger
    this.#every = every
  }

  note(fault: Fault): void {
    const { code, error, event, facts } = fault
    const key = keyOf(fault)
    const outage = this.#outages.get(key)
    if (outage !== undefined) {
      const { requests, untold } = outage
      Object.assign(outage, {
        last: fault,
        lastAt: performance.now(),
        requests: requests + 1,
        untold: untold + 1,
      })
      this.#logger.debug({ code, err: error, ...facts }, event)
      return
    }
    this.#logger.error({ code, err: error, ...facts }, event)
    if (!LASTING.has(code)) return
    const begun = performance.now()
    this.#outages.set(key, { begun, last: fault, lastAt: begun, requests: 1, untold: 0 })
    this.#lookLater(key)
  }

  #lookLater(key: string): void {
    setTimeout(() => {
      this.#look(key)
    }, this.#every).unref()
  }

  #look(key: string): void {
    const outage = this.#outages.get(key)
    if (outage === undefined) return
    const { begun, last, lastAt, requests, untold } = outage
    const { code, error, event } = last
    const digest = digestOf(last)
    if (untold > 0) {
      this.#logger.error({ code, err: error, digest, requests: untold }, event)
      outage.untold = 0
      this.#lookLater(key)
      return
    }
    this.#outages.delete(key)
    const seconds = Math.round((lastAt - begun) / 1_000)
    if (requests > 1) this.#logger.info({ code, event, digest, requests, seconds }, 'faults_ended')
  }
}

/** Two archives that are damaged are two outages. */
function keyOf(fault: Fault): string {
  return `${fault.event} ${fault.code} ${digestOf(fault) ?? ''}`
}

function digestOf({ code, facts }: Fault): string | undefined {
  const digest = code === 'blob-damaged' || code === 'blob-missing' ? facts?.['digest'] : undefined
  return typeof digest === 'string' ? digest : undefined
}
