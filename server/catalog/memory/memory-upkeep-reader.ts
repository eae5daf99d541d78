import type { PageOf } from '../page-of.ts'
import type { Instant } from '../../time/clock.ts'
import type { DamagedBlob } from '../../blobs/damaged-blobs.ts'
import type { Digest } from '../../releases/release.ts'
import type { Sighting } from '../../fleet/sightings.ts'
import type { TagExport } from '../../exporting/tag-export.ts'
import type { BlobOutline, ReleaseOutline, TaskProgress, UpkeepReader } from '../upkeep-catalog.ts'
import { keyOf } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'

/** Answers the questions of {@link UpkeepReader} from maps. */
export class MemoryUpkeepReader implements UpkeepReader {
  readonly #rows: () => MemoryRows

  /** @param rows Gives the tables as they are now; what it throws, every question rejects with. */
  constructor(rows: () => MemoryRows) {
    this.#rows = rows
  }

  listReleaseOutlines(model: string, { limit, before }: PageOf<number>): Promise<ReleaseOutline[]> {
    return this.ask(({ releases }) =>
      [...releases.values()]
        .filter((release) => release.model === model && (before === undefined || release.number < before))
        .sort((one, other) => other.number - one.number)
        .slice(0, limit)
        .map(({ number, digest, size, publishedAt }) => ({ number, digest, size, publishedAt })),
    )
  }

  lastReleasesOfTag(model: string, tag: string, limit: number): Promise<number[]> {
    return this.ask(({ moves, releases }) => {
      const numbers = moves
        .filter((move) => move.model === model && move.tag === tag)
        .flatMap(({ to }) => (to !== null && releases.has(keyOf(model, to)) ? [to] : []))
      return [...new Set(numbers.reverse())].slice(0, limit)
    })
  }

  listDigests({ limit, before: after }: PageOf<Digest>): Promise<BlobOutline[]> {
    return this.ask((rows) => digestsAfter(rows, after).slice(0, limit))
  }

  measureDigests(after?: Digest): Promise<{ blobs: number; bytes: number }> {
    return this.ask((rows) => {
      const found = digestsAfter(rows, after)
      return { blobs: found.length, bytes: found.reduce((sum, { size }) => sum + size, 0) }
    })
  }

  releasedAmong(digests: readonly Digest[]): Promise<Set<Digest>> {
    return this.ask(({ releases }) => {
      const released = new Set([...releases.values()].map(({ digest }) => digest))
      return new Set(digests.filter((digest) => released.has(digest)))
    })
  }

  digestSize(digest: Digest): Promise<number | undefined> {
    return this.ask(({ releases }) => [...releases.values()].find((each) => each.digest === digest)?.size)
  }

  listLastSeen(since: Instant): Promise<Map<Digest, Instant>> {
    return this.ask(({ sightings }) => {
      const last = new Map<Digest, Instant>()
      for (const { digest, lastSeen } of sightings.values()) {
        if (lastSeen >= since && lastSeen > (last.get(digest) ?? '')) last.set(digest, lastSeen)
      }
      return last
    })
  }

  listSightings(limit: number): Promise<Sighting[]> {
    return this.ask(({ sightings }) => lastFirst([...sightings.values()]).slice(0, limit))
  }

  listDamagedBlobs(): Promise<DamagedBlob[]> {
    return this.ask(({ damagedBlobs }) =>
      [...damagedBlobs.values()].sort((one, other) => (one.digest < other.digest ? -1 : 1)),
    )
  }

  listUnusedBlobs(noted: Instant, limit: number): Promise<Digest[]> {
    return this.ask(({ unusedBlobs }) =>
      [...unusedBlobs]
        .filter(([, since]) => since < noted)
        .map(([digest]) => digest)
        .sort()
        .slice(0, limit),
    )
  }

  findTaskProgress(task: string): Promise<TaskProgress | undefined> {
    return this.ask(({ taskProgress }) => taskProgress.get(task))
  }

  listExports(): Promise<TagExport[]> {
    return this.ask(({ exports }) => [...exports.values()])
  }

  protected async ask<Answer>(question: (rows: MemoryRows) => Answer): Promise<Answer> {
    return question(this.#rows())
  }
}

/** Sightings by time, descending. */
export function lastFirst(sightings: Sighting[]): Sighting[] {
  const key = ({ digest, process }: Sighting) => digest + process
  return sightings.sort((one, other) => {
    if (one.lastSeen !== other.lastSeen) return one.lastSeen < other.lastSeen ? 1 : -1
    return key(one) < key(other) ? -1 : 1
  })
}

function digestsAfter({ releases }: MemoryRows, after = ''): BlobOutline[] {
  const sizes = new Map([...releases.values()].map(({ digest, size }) => [digest, size]))
  return [...sizes]
    .filter(([digest]) => digest > after)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([digest, size]) => ({ digest, size }))
}
