import type { Sighting } from '../fleet/sightings.ts'
import type { Digest } from '../releases/release.ts'
import type { Instant } from '../time/clock.ts'

/** Questions about which process was seen running what. */
export interface SightingReader {
  /** When each digest was last seen running anywhere; those seen before `since` may be missing. */
  listLastSeen(since: Instant): Promise<Map<Digest, Instant>>
  /** The last first. */
  listSightings(limit: number): Promise<Sighting[]>
}

/** Changes of sightings; they raise no revision. */
export interface SightingWriter {
  /**
   * Keeps the latest sighting of each process and digest. Digests that no release has are left out, and of each
   * digest only the `mostProcesses` last seen stay, so that forged claims cannot fill the disk.
   */
  recordSightings(sightings: readonly Sighting[], mostProcesses: number): Promise<void>
  /** Drops what was last seen before that. */
  forgetSightings(before: Instant): Promise<void>
}
