import type { CatalogWriter } from '../catalog.ts'
import type { Instant } from '../../time/clock.ts'
import type { InboxFile } from '../../intake/inbox-file.ts'
import type { Model } from '../../releases/model.ts'
import type { Release } from '../../releases/release.ts'
import { LATEST } from '../../releases/tag.ts'
import type { MoveCircumstances, TagMove } from '../../releases/tag.ts'
import { keyOf } from './memory-rows.ts'
import { MemoryUpkeepWriter } from './memory-upkeep-writer.ts'
import { noSuchModel, noSuchRelease, noSuchTag, releaseInUse } from '../sql/refusals.ts'

/** Makes the changes of {@link CatalogWriter} in tables of its own, which replace the old ones at the end. */
export class MemoryWriter extends MemoryUpkeepWriter implements CatalogWriter {
  async ensureModel(model: string, createdAt: Instant): Promise<Model> {
    const known = this.rows.models.get(model)
    if (known !== undefined) return known
    const created = { model, defaultTag: LATEST, createdAt, nextNumber: this.rows.firstNumber, revision: 1 }
    this.rows.models.set(model, created)
    return created
  }

  async setDefaultTag(model: string, defaultTag: string): Promise<void> {
    this.#touch(model, { defaultTag })
  }

  async insertRelease(fields: Omit<Release, 'number'>): Promise<Release> {
    const { model, digest } = fields
    const known = this.rows.models.get(model)
    if (known === undefined) throw noSuchModel(model)
    const release = { ...structuredClone(fields), number: known.nextNumber }
    this.#touch(model, { nextNumber: known.nextNumber + 1 })
    this.rows.releases.set(keyOf(model, release.number), release)
    this.rows.releasedDigests.add(keyOf(model, digest))
    return structuredClone(release)
  }

  async updateNotes(model: string, number: number, notes: string): Promise<void> {
    const release = this.rows.releases.get(keyOf(model, number))
    if (release === undefined) throw noSuchRelease(model, number)
    this.rows.releases.set(keyOf(model, number), { ...release, notes })
    this.#touch(model)
  }

  async deleteRelease(model: string, number: number): Promise<void> {
    const tagged = (await this.listTags(model)).find(({ release }) => release === number)
    if (tagged !== undefined) throw releaseInUse(model, number, tagged.tag)
    if (!this.rows.releases.delete(keyOf(model, number))) throw noSuchRelease(model, number)
    this.#touch(model)
  }

  async moveTag(
    model: string,
    tag: string,
    to: number | null,
    { movedAt, movedBy, reason }: MoveCircumstances,
  ): Promise<TagMove> {
    const { tags, releases, moves } = this.rows
    const key = keyOf(model, tag)
    const from = tags.get(key)?.release ?? null
    const sequence = moves.length + 1
    if (to === null) {
      if (!tags.delete(key)) throw noSuchTag(model, tag)
    } else {
      const release = releases.get(keyOf(model, to))
      if (release === undefined) throw noSuchRelease(model, to)
      tags.set(key, { model, tag, release: to, digest: release.digest, movedAt, movedBy, reason, sequence })
    }
    const move = { sequence, model, tag, from, to, movedAt, movedBy, reason }
    moves.push(move)
    this.#touch(model)
    return move
  }

  async rememberInboxFile(file: InboxFile): Promise<void> {
    this.rows.inboxFiles.set(file.path, { ...file })
  }

  /** Raises the model's revision, together with `changes`. */
  #touch(model: string, changes: Partial<Model> = {}): void {
    const known = this.rows.models.get(model)
    if (known === undefined) throw noSuchModel(model)
    this.rows.models.set(model, { ...known, ...changes, revision: known.revision + 1 })
  }
}
