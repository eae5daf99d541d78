import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { ServedRelease } from '../../releases/release.ts'
import type { Traffic } from '../operate/traffic.ts'
import { logRequest } from '../reply/log-request.ts'
import type { Poll } from './poll.ts'
import { RepeatedSends } from './repeated-sends.ts'

/** What is known of a pull when it has ended. */
export interface EndedPull {
  model: string
  poll: Poll
  /** Undefined where none was sent or compared with. */
  release: ServedRelease | undefined
  outcome: keyof Traffic['pulls']
}

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

  /** @param begun When the request came, by `performance.now()`. */
  write(request: IncomingMessage, response: ServerResponse, begun: number, pull: EndedPull): void {
    const isWithoutArchive = pull.outcome === 'unchanged' || pull.outcome === 'waiting'
    if (isWithoutArchive && !this.#logsDebug) return
    const { model, poll, release, outcome } = pull
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
    const times = this.#countSends(pull)
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
  #countSends({ poll: { process, method }, release, outcome }: EndedPull): number {
    if (outcome !== 'sent' || method !== 'GET' || process === undefined || release === undefined) return 0
    return this.#sends.add(process, release.digest)
  }
}
