import { z } from 'zod'

/** Who owns the folder of a bucket, as the object {@link LEASE_KEY} says it. */
export type LeaseRecord = z.infer<typeof recordSchema>

/** Where the lease lies in the folder. */
export const LEASE_KEY = 'slipway-owner'

const recordSchema = z.object({
  format: z.literal(2),
  /** The identity of the catalog that knows what lies in the folder. */
  server: z.string(),
  /** The process that holds the lease: drawn at its start. */
  holder: z.string(),
  /** Machine and data directory of that process; see {@link LeaseHolder.place}. */
  place: z.string(),
  /** For people: the host name. */
  host: z.string(),
  /** Grows each time that another process takes the lease. */
  epoch: z.int().min(0),
  /** For people: no clock decides whether a lease has ended. */
  until: z.string(),
  /** The holder has stopped and writes no more. */
  released: z.boolean(),
})

/** A process that wants the lease. */
export interface LeaseHolder {
  server: string
  /** What earlier versions called this server; their lease is its own. */
  formerName?: string | undefined
  holder: string
  /**
   * The same for two processes only where they use the same data directory of the same machine, which one process at a
   * time can lock: whoever asks while it has the lock knows that the other has ended.
   */
  place: string
  host: string
  /** Several processes are this one holder, and renew the lease beside each other: the servers over one database. */
  isShared?: boolean
}

/**
 * How things stand between a process and the lease.
 *
 * - `waiting`: the last holder may be alive.
 * - `held`: this process owns the folder.
 * - `elsewhere`: the holder is alive, and it is another process.
 * - `lost`: this process had it, and another one took it; it never takes it back by itself.
 * - `foreign`: the folder belongs to another catalog.
 * - `released`: this process has stopped.
 */
export type LeaseState = 'waiting' | 'held' | 'elsewhere' | 'lost' | 'foreign' | 'released'

/** What to do about a lease. */
export type LeaseDecision =
  | { kind: 'take'; epoch: number }
  /** Its holder may be alive: look again. */
  | { kind: 'wait' }
  /** Another catalog owns the folder. */
  | { kind: 'foreign' }

/**
 * Whether a process may take the lease that it found.
 *
 * @param found what the object says; undefined where there is none
 * @param unchangedFor milliseconds for which this process has seen the object unchanged
 * @param duration milliseconds for which a lease is good after each renewal
 */
export function decideLease(
  found: LeaseRecord | undefined,
  self: LeaseHolder,
  unchangedFor: number,
  duration: number,
): LeaseDecision {
  if (found === undefined) return { kind: 'take', epoch: 1 }
  if (found.server !== self.server && found.server !== self.formerName) return { kind: 'foreign' }
  if (self.isShared === true && found.holder === self.holder) return { kind: 'take', epoch: found.epoch }
  const hasEnded = found.released || found.holder === self.holder || found.place === self.place
  if (hasEnded || unchangedFor >= duration) return { kind: 'take', epoch: found.epoch + 1 }
  return { kind: 'wait' }
}

/**
 * Reads the object. Earlier versions wrote one line, the name of the data directory, and never renewed it: that counts as a
 * lease whose holder has stopped.
 *
 * @throws SyntaxError where it is neither.
 */
export function parseLease(text: string): LeaseRecord {
  if (FORMER_NAME.test(text.trim())) {
    const ended = { holder: '', place: '', host: '', epoch: 0, until: '', released: true }
    return { format: 2, server: text.trim(), ...ended }
  }
  const record = recordSchema.safeParse(JSON.parse(text))
  if (record.success) return record.data
  throw new SyntaxError(`the object ${LEASE_KEY} is not a lease of this version`)
}

const FORMER_NAME = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/
