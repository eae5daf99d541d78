import { STANDARD_LIMITS, type PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import { WITHOUT_DATABASE } from '../../catalog/postgres/without-database.ts'
import { FollowedDatabase } from '../../coordination/followed-database.ts'
import { DomainError } from '../../errors/errors.ts'
import type { CurrentReleases } from '../../releases/current-releases.ts'
import { FollowRevisions } from '../../releases/follow-revisions.ts'
import { repeat } from '../../time/repeat.ts'
import type { OpenedDatabase } from './open-database.ts'
import type { WatchedDatabase } from './watched-database.ts'

export interface FollowDatabaseOptions {
  readonly database: OpenedDatabase
  readonly current: CurrentReleases
  readonly monotonic: () => number
  /** Looked at with each comparison. */
  readonly watched: WatchedDatabase
  /** Told, each once, why no changes are taken any more, and with undefined that they are taken again. */
  readonly onWritable: (refusal: DomainError | undefined) => void
}

/** Has a server take in what others change in the database that they share, and say whether that takes changes. */
export function followDatabase({
  database: { catalog, group, listen },
  current,
  monotonic,
  watched,
  onWritable,
}: FollowDatabaseOptions): FollowRevisions {
  let told: DomainError | undefined
  const tell = (refusal: DomainError | undefined) => {
    if (refusal?.message === told?.message) return
    told = refusal
    onWritable(refusal)
  }
  const news = new FollowRevisions({
    catalog,
    current,
    monotonic,
    alongside: () => watched.look(),
    followed: new FollowedDatabase(watched.began),
    onCompared: (failure) => {
      if (failure === undefined) {
        group?.compared()
        tell(watched.refusal)
      } else tell(new DomainError('catalog-unavailable', WITHOUT_DATABASE, {}, { cause: failure }))
    },
  })
  listen?.(({ model, revision }) => {
    news.hear(model, revision)
  })
  return news
}

const LOOK_FOR_DATABASE_MS = 5_000

/** A server that started without its database knows no rollouts and no bots: another start reads them. */
export async function endWhenDatabaseIsBack(
  database: PostgresSettings,
  signal: AbortSignal,
  end: (reason: string) => void,
): Promise<void> {
  const { findConnector } = await import('../../catalog/postgres/open-pool.ts')
  const look = async () => {
    await findConnector(database, STANDARD_LIMITS)
    end('The database is back: a server that started without it is to be started again.')
    return undefined
  }
  await repeat({ first: LOOK_FOR_DATABASE_MS, every: LOOK_FOR_DATABASE_MS }, signal, look, () => undefined)
}
