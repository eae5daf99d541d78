import type { CatalogReader } from '../../catalog/catalog.ts'
import type { Clock } from '../../time/clock.ts'
import type { InboxEvent } from './inbox-event.ts'
import type { InboxTimings } from './inbox-timings.ts'
import type { InboxOperations } from './take-file.ts'

/** What an inbox needs. */
export interface InboxDependencies extends InboxOperations {
  /** The folder that is watched; nothing is ever written, moved or deleted there. */
  folder: string
  catalog: Pick<CatalogReader, 'findInboxFile'>
  /** When an archive was trained, as sortable text; rejects where it is no sound archive. */
  readTrainedAt: (bytes: AsyncIterable<Uint8Array>) => Promise<string | undefined>
  clock: Clock
  onEvent: (event: InboxEvent) => void
  timings?: Partial<InboxTimings>
}
