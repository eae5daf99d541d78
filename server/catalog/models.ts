import type { Quota } from '../../protocol/quota.ts'
import type { SignaturePolicy } from '../../protocol/signature.ts'
import type { Model } from '../releases/model.ts'
import type { Instant } from '../time/clock.ts'
import type { Revisions } from './answer.ts'
import type { PageOf } from './page-of.ts'

/** Questions about models. */
export interface ModelReader {
  findModel(model: string): Promise<Model | undefined>
  /**
   * The last created first; those created at the same instant by name.
   *
   * @param among Only these; all of them unless said otherwise.
   */
  listModels(page: PageOf<ModelPosition>, among?: readonly string[]): Promise<Model[]>
  /** The revision of every model, deleted ones too, in any order: cheap enough to be asked each second. */
  listRevisions(): Promise<Revisions>
}

/** Where a model stands in the list of models. */
export type ModelPosition = Pick<Model, 'createdAt' | 'model'>

/** Changes of models. All but `skipNumbers` raise the model's revision. */
export interface ModelWriter {
  /** Creates the model where it is new, or was deleted; its numbers go on where they were then. */
  ensureModel(model: string, createdAt: Instant): Promise<Model>
  /** @throws DomainError `model-not-found` */
  setDefaultTag(model: string, tag: string): Promise<void>
  /**
   * @param policy null: no signature is required.
   * @throws DomainError `model-not-found`
   */
  setSignatures(model: string, policy: SignaturePolicy | null): Promise<void>
  /**
   * @param quota null: nothing limits the model.
   * @throws DomainError `model-not-found`
   */
  setQuota(model: string, quota: Quota | null): Promise<void>
  /**
   * Removes a model that has neither releases nor tags any more. Its number and its revision stay, for a later model of its name.
   *
   * @throws DomainError `model-not-found`; Error where it has a release.
   */
  deleteModel(model: string): Promise<void>
  /** Lets the numbers of a model go on at `next` at least. */
  raiseNextNumber(model: string, next: number): Promise<void>
  /**
   * Leaves a gap in the numbers of every model, of models to come too, so that none is given twice where others may
   * have been given out since this catalog was written.
   */
  skipNumbers(gap: number): Promise<SkippedNumbers[]>
}

/** A model whose numbers go on elsewhere. */
export interface SkippedNumbers {
  model: string
  /** The number that would have been next. */
  from: number
  /** The number that is next now. */
  to: number
}

/** Where numbers go on after a gap: a round one that is easily told, at least `gap` above. */
export function numberAfterGap(next: number, gap: number): number {
  return Math.ceil((next - 1 + gap) / gap) * gap + 1
}
