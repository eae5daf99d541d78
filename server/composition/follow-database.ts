import type { SharedCatalog } from '../catalog/postgres/postgres-catalog.ts'
import { STANDARD_LIMITS, type PostgresSettings } from '../catalog/postgres/postgres-settings.ts'
import { WITHOUT_DATABASE } from '../catalog/postgres/without-database.ts'
import { DomainError } from '../errors/errors.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import { FollowRevisions } from '../releases/follow-revisions.ts'
import { repeat } from '../time/repeat.ts'
import { sampleClock, SharedClock } from '../time/shared-clock.ts'
import type { OpenedDatabase } from './open-database.ts'

/** A database whose clock is followed, and whether it takes changes. */
export interface WatchedDatabase {
  readonly clock: SharedClock
  /** Asks it again. @returns why it takes no changes, where it takes none. @throws what the catalog throws. */
  look(): Promise<DomainError | undefined>
}

/** Asks a database for its clock. @throws what the catalog throws. */
export async function watchDatabase(
  readState: SharedCatalog['readState'],
  monotonic: () => number,
): Promise<WatchedDatabase> {
  let refusal: DomainError | undefined
  const readClock = async () => {
    const state = await readState()
    refusal = state.refusal
    return state.now
  }
  const clock = new SharedClock(monotonic, await sampleClock(readClock, monotonic))
  return {
    clock,
    async look() {
      clock.learn(await sampleClock(readClock, monotonic))
      return refusal
    },
  }
}

export interface FollowDatabaseOptions {
  readonly database: OpenedDatabase
  readonly current: CurrentReleases
  readonly monotonic: () => number
  /** Asked again with each comparison. */
  readonly state: WatchedDatabase | undefined
  /** Told, each once, why no changes are taken any more, and with undefined that they are taken again. */
  readonly onWritable: (refusal: DomainError | undefined) => void
}

/** What other servers changed, taken in from the database. */
export interface FollowedDatabase {
  readonly news: FollowRevisions
  /** Why the database takes no changes, as it said last. */
  refusal(): DomainError | undefined
}

/** Has a server take in what others change in the database that they share, and say whether that takes changes. */
export function followDatabase({
  database: { catalog, group, listen },
  current,
  monotonic,
  state,
  onWritable,
}: FollowDatabaseOptions): FollowedDatabase {
  let refusal: DomainError | undefined
  let told: DomainError | undefined
  const news = new FollowRevisions({
    ...{ catalog, current, monotonic },
    async alongside() {
      refusal = await state?.look()
    },
    onCompared: (failure) => {
      if (failure === undefined) group?.compared()
      const found =
        failure === undefined
          ? refusal
          : new DomainError('catalog-unavailable', WITHOUT_DATABASE, {}, { cause: failure })
      if (found?.message === told?.message) return
      told = found
      onWritable(found)
    },
  })
  listen?.(({ model, revision }) => {
    news.hear(model, revision)
  })
  return { news, refusal: () => refusal }
}

const LOOK_FOR_DATABASE_MS = 5_000

/** A server that started without its database knows no rollouts and no bots: another start reads them. */
export async function endWhenDatabaseIsBack(
  database: PostgresSettings,
  signal: AbortSignal,
  end: (reason: string) => void,
): Promise<void> {
  const { findConnector } = await import('../catalog/postgres/open-pool.ts')
  const look = async () => {
    await findConnector(database, STANDARD_LIMITS)
    end('The database is back: a server that started without it is to be started again.')
    return undefined
  }
  await repeat({ first: LOOK_FOR_DATABASE_MS, every: LOOK_FOR_DATABASE_MS }, signal, look, () => undefined)
}
