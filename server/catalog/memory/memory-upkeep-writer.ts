import type { Instant } from '../../time/clock.ts'
import type { DamagedBlob } from '../../blobs/damaged-blobs.ts'
import type { Digest } from '../../releases/release.ts'
import type { Sighting } from '../../fleet/sightings.ts'
import type { TagExport } from '../../exporting/tag-export.ts'
import { numberAfterGap } from '../upkeep-catalog.ts'
import type { SkippedNumbers, TaskProgress, UpkeepWriter } from '../upkeep-catalog.ts'
import { MemoryReader } from './memory-reader.ts'
import { keyOf } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'
import { lastFirst } from './memory-upkeep-reader.ts'
import { releaseInUse } from '../sql/refusals.ts'

/** Makes the changes of {@link UpkeepWriter} in the tables that it was given. */
export class MemoryUpkeepWriter extends MemoryReader implements UpkeepWriter {
  protected readonly rows: MemoryRows

  constructor(rows: MemoryRows) {
    super(() => rows)
    this.rows = rows
  }

  async recordSightings(sightings: readonly Sighting[], mostProcesses: number): Promise<void> {
    const table = this.rows.sightings
    for (const sighting of sightings) {
      const key = keyOf(sighting.digest, sighting.process)
      const known = table.get(key)
      if (known !== undefined && known.lastSeen >= sighting.lastSeen) continue
      if (await this.isDigestReleased(sighting.digest)) table.set(key, { ...sighting })
    }
    for (const digest of new Set(sightings.map((sighting) => sighting.digest))) {
      const ofDigest = [...table.values()].filter((sighting) => sighting.digest === digest)
      for (const { process } of lastFirst(ofDigest).slice(mostProcesses)) table.delete(keyOf(digest, process))
    }
  }

  async forgetSightings(before: Instant): Promise<void> {
    for (const [key, { lastSeen }] of this.rows.sightings)
      if (lastSeen < before) this.rows.sightings.delete(key)
  }

  async rememberDamagedBlob(blob: DamagedBlob): Promise<void> {
    this.rows.damagedBlobs.set(blob.digest, { ...blob })
  }

  async forgetDamagedBlob(digest: Digest): Promise<void> {
    this.rows.damagedBlobs.delete(digest)
  }

  async deleteReleases(model: string, numbers: readonly number[]): Promise<void> {
    const wanted = new Set(numbers)
    const tagged = (await this.listTags(model)).find(({ release }) => wanted.has(release))
    if (tagged !== undefined) throw releaseInUse(model, tagged.release, tagged.tag)
    for (const number of wanted) this.rows.releases.delete(keyOf(model, number))
    const known = this.rows.models.get(model)
    if (known !== undefined) this.rows.models.set(model, { ...known, revision: known.revision + 1 })
  }

  async noteUnusedBlobs(digests: readonly Digest[], since: Instant): Promise<void> {
    const { unusedBlobs } = this.rows
    for (const digest of digests) if (!unusedBlobs.has(digest)) unusedBlobs.set(digest, since)
  }

  async forgetUnusedBlobs(digests: readonly Digest[]): Promise<void> {
    for (const digest of digests) this.rows.unusedBlobs.delete(digest)
  }

  async saveTaskProgress(task: string, progress: TaskProgress): Promise<void> {
    this.rows.taskProgress.set(task, { ...progress })
  }

  async rememberExport(exported: TagExport): Promise<void> {
    this.rows.exports.set(keyOf(exported.model, exported.tag), { ...exported })
  }

  async skipNumbers(gap: number): Promise<SkippedNumbers[]> {
    const { models } = this.rows
    const skipped = [...models.values()]
      .sort((one, other) => (one.model < other.model ? -1 : 1))
      .map(({ model, nextNumber }) => ({ model, from: nextNumber, to: numberAfterGap(nextNumber, gap) }))
    for (const { model, to } of skipped) {
      const known = models.get(model)
      if (known !== undefined) models.set(model, { ...known, nextNumber: to })
    }
    this.rows.firstNumber = numberAfterGap(this.rows.firstNumber, gap)
    return skipped
  }
}
