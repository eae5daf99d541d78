import type { PullEvent } from './events.ts'
import { PullFailure } from './failure.ts'
import type { InstallFolder } from './install/install-folder.ts'
import { activeRefusals, describeRefusal, findRefusal } from './install/refusals.ts'
import type { Refusal } from './install/state.ts'
import type { PullerOptions } from './puller-options.ts'
import { UnsoundAsAnnounced } from './receive-archive.ts'
import type { ArchiveHead } from './sources/source.ts'

/** The archives that a folder does not take for a while, since the command refused them or they are unsound. */
export class RejectedArchives {
  readonly #folder: InstallFolder
  readonly #now: () => number
  readonly #reported = new Set<string>()

  constructor(folder: InstallFolder, { now = Date.now }: Pick<PullerOptions, 'now'>) {
    this.#folder = folder
    this.#now = now
  }

  /** The refusal of an archive, while it counts. */
  find(archive: Pick<ArchiveHead, 'digest' | 'etag'>): Refusal | undefined {
    return findRefusal(this.#folder.state.refused, archive, this.#now())
  }

  /** Remembers that an archive was refused. */
  async add(refusal: Omit<Refusal, 'at'>): Promise<void> {
    await this.#folder.refuse({ ...refusal, at: new Date(this.#now()).toISOString() })
  }

  /** Does `work`; an archive that is unsound although it has the announced digest is remembered. */
  async rememberUnsound<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof UnsoundAsAnnounced)
        await this.add({ digest: error.digest, reason: error.message, unsound: true })
      throw error
    }
  }

  /** @throws PullFailure that says since when and for how long, where an archive is rejected. */
  throwAlreadyRejected(refusal: Refusal): never {
    const { digest, reason, retryAt } = describeRefusal(refusal)
    const still = this.#reported.has(digest) ? 'still ' : ''
    this.#reported.add(digest)
    throw new PullFailure(
      refusal.unsound === true ? 'unsound' : 'refused',
      `the source ${still}offers ${digest.slice(0, 12)}, which was refused here (${reason}) and is not fetched again ` +
        `before ${retryAt}. Publish or promote another release, or use --retry-refused`,
    )
  }

  /** The event, with what is rejected at the moment. */
  addTo(event: PullEvent): PullEvent {
    const refused = activeRefusals(this.#folder.state.refused, this.#now()).map(describeRefusal)
    return refused.length === 0 ? event : { ...event, refused }
  }
}
