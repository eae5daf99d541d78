import { PullFailure } from '../failure.ts'
import { LONGEST_TIMER } from '../timing/pause.ts'
import { LeastSpeed } from './least-speed.ts'
import type { Answer, Offer, Question, Source } from './source.ts'

/**
 * A source that fails where nothing comes from it for `timeout` milliseconds, whatever its own time limits are, and
 * even where it ignores its signal: the client of a cloud may retry a silent server for minutes. So it does where an archive
 * comes too slowly.
 */
export function giveUpOnSilence(
  source: Source,
  timeout: number,
  speed: LeastSpeed = new LeastSpeed(),
): Source {
  return {
    description: source.description,
    key: source.key,
    close: () => source.close(),
    ...(source.readBundle === undefined ? {} : { readBundle: boundedBundleReader(source, timeout) }),
    async ask(question) {
      const silence = new Silence(source.description, timeout, question.signal)
      let asking: Promise<Answer> | undefined
      const answer = await silence
        .bound(() => (asking = ask(source, { ...question, signal: silence.signal })))
        .catch((error: unknown) => {
          if (asking !== undefined) cancelLateOffer(asking)
          throw error
        })
      if (answer.kind !== 'offer') return answer
      const { offer } = answer
      speed.begin(offer.start)
      const measure = (bytes: number): void => {
        speed.take(bytes, source.description)
      }
      const chunks = bounded(offer.chunks, silence, measure)
      return { kind: 'offer', offer: { ...offer, chunks, cancel: () => cancelUnlessStuck(offer, silence) } }
    },
  }
}

function boundedBundleReader(source: Source, timeout: number): NonNullable<Source['readBundle']> {
  return (archive, outer) => {
    const silence = new Silence(source.description, timeout, outer)
    return silence.bound(async () => source.readBundle?.(archive, silence.signal))
  }
}

/** An offer that comes when nobody waits any more holds a connection or a file. */
function cancelLateOffer(asking: Promise<Answer>): void {
  asking
    .then(async (answer) => {
      if (answer.kind === 'offer') await answer.offer.cancel()
    })
    .catch(() => undefined)
}

/** Where the source was given up it is told, and not waited for: it may be stuck in the middle of a read for ever. */
async function cancelUnlessStuck(offer: Offer, silence: Silence): Promise<void> {
  const cancelled = offer.cancel()
  cancelled.catch(() => undefined)
  if (!silence.signal.aborted) await cancelled
}

/** A source that throws at once rejects. */
async function ask(source: Source, question: Question): Promise<Answer> {
  return source.ask(question)
}

async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  silence: Silence,
  measure: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  let isEnded = false
  try {
    for (;;) {
      const next = await silence.bound(() => iterator.next())
      if (next.done === true) {
        isEnded = true
        return
      }
      measure(next.value.length)
      yield next.value
    }
  } finally {
    // Not awaited: an iterator that is stuck would hold us up as well.
    if (!isEnded) void iterator.return?.().catch(() => undefined)
  }
}

/** Waits for one thing after another, each for a limited time. */
class Silence {
  readonly #description: string
  readonly #timeout: number
  readonly #outer: AbortSignal
  readonly #controller = new AbortController()
  /** Aborted where the caller's is, and after a silence. */
  readonly signal: AbortSignal

  constructor(description: string, timeout: number, outer: AbortSignal) {
    this.#description = description
    this.#timeout = Math.min(timeout, LONGEST_TIMER)
    this.#outer = outer
    this.signal = AbortSignal.any([outer, this.#controller.signal])
  }

  async bound<Result>(work: () => Promise<Result>): Promise<Result> {
    this.signal.throwIfAborted()
    let fail: (() => void) | undefined
    const ended = new Promise<never>((_, reject) => {
      fail = () => {
        reject(this.#outer.aborted ? (this.#outer.reason as Error) : this.#failure())
      }
      this.signal.addEventListener('abort', fail, { once: true })
    })
    const timer = setTimeout(() => {
      this.#controller.abort(this.#failure())
    }, this.#timeout)
    try {
      return await Promise.race([work(), ended])
    } finally {
      clearTimeout(timer)
      if (fail !== undefined) this.signal.removeEventListener('abort', fail)
    }
  }

  #failure(): PullFailure {
    return new PullFailure('source', `${this.#description} sent nothing for ${this.#timeout / 1000} s`, {
      again: true,
    })
  }
}
