import type { CatalogReader } from '../catalog/catalog.ts'
import type { PublishOutcome, PublishTerms } from '../releases/publish-model.ts'
import type { Clock } from '../time/clock.ts'
import type { IntakeEvent } from './intake-event.ts'
import type { IntakeLook } from './intake-record.ts'

/** Publishes bytes; the composition binds it to the operation. */
export type Publish = (
  body: AsyncIterable<Uint8Array>,
  terms: PublishTerms & { expectedSize: number },
) => Promise<PublishOutcome>

/** What taking archives in changes. */
export interface IntakeWrites {
  publish: Publish
  rememberRefused: (look: IntakeLook, code: string, refusedBy: string) => Promise<void>
}

/** What taking archives in needs. */
export interface IntakeDependencies extends IntakeWrites {
  catalog: Pick<CatalogReader, 'findIntakeRecord'>
  /** By which rules archives are refused now. @see refusalRules */
  rules: string
  /**
   * When an archive was trained, as sortable text; rejects where it is no sound archive. Absent where archives that are as old as
   * each other are not worth being read twice.
   */
  readTrainedAt?: (bytes: AsyncIterable<Uint8Array>) => Promise<string | undefined>
  clock: Clock
  onEvent: (event: IntakeEvent) => void
}
