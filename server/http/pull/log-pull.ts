import type { Logger } from 'pino'
import type { ServedRelease } from '../../releases/release.ts'
import { logRequest } from '../reply/log-request.ts'
import type { Poll } from './poll.ts'
import type { Pull, PullOutcome } from './pull.ts'
import { RepeatedSends } from './repeated-sends.ts'

const SENT_AGAIN =
  'The process was sent this release in full before and asks for it again: it cannot load it, or a proxy takes it away. ' +
  "The bot's own log says more. Further times are logged at debug."

/** Writes the log lines of pulls; only where archives are sent do they stand at `info`. */
export class PullLog {
  readonly #logger: Logger
  /** Asked once: the level stays as it is, and every poll asks. */
  readonly #logsDebug: boolean
  readonly #sends = new RepeatedSends()

  constructor(logger: Logger) {
    this.#logger = logger
    this.#logsDebug = logger.isLevelEnabled('debug')
  }

  /** @param release undefined: none was sent or compared with. */
  write(pull: Pull, release: ServedRelease | undefined, outcome: PullOutcome): void {
    const isWithoutArchive = outcome === 'unchanged' || outcome === 'waiting'
    if (isWithoutArchive && !this.#logsDebug) return
    const { request, response, begun, model, poll } = pull
    const { process, instance } = poll
    const facts = {
      outcome,
      model,
      release: release?.number,
      digest: release?.digest,
      claim: poll.claim.kind,
      process,
      instance,
    }
    const times = this.#countSends(poll, release, outcome)
    if (outcome === 'aborted')
      logRequest(this.#logger, request, response, begun, { ...facts, event: 'client_abort' })
    else if (isWithoutArchive) logRequest(this.#logger, request, response, begun, facts, 'debug')
    else if (times <= 1) logRequest(this.#logger, request, response, begun, facts)
    else if (times > 2) logRequest(this.#logger, request, response, begun, facts, 'debug')
    else {
      const warning = { ...facts, event: 'sent_again', advice: SENT_AGAIN }
      logRequest(this.#logger, request, response, begun, warning, 'warn')
    }
  }

  /** How often its process was sent this release in full; 0 where nobody can tell. */
  #countSends({ process, method }: Poll, release: ServedRelease | undefined, outcome: PullOutcome): number {
    if (outcome !== 'sent' || method !== 'GET' || process === undefined || release === undefined) return 0
    return this.#sends.add(process, release.digest)
  }
}
