import { setTimeout as delay } from 'node:timers/promises'

/** What a database answered to whoever knows what was answered before. */
export interface Look {
  /** Which one answered, read with the answer (`Answer.database`); undefined: a standby. */
  readonly database: string | undefined
  /** Whether something is missing in its answer, or older in it, that is known. */
  readonly lacks: boolean
}

/**
 * What an answer is worth.
 *
 * - `further`: of the database that is followed. What is new in it is to be taken in; nothing was lost.
 * - `behind`: of a standby, or of one that is not known well enough. What is new in it is to be taken in; what it lacks says nothing.
 * - `another`: of another database, or of one that was taken back. It may have given numbers of changes again, so all is to be read anew, and
 *   what it lacks was lost.
 */
export type Judgement = 'further' | 'behind' | 'another'

/**
 * How long after the first look the second one comes. A standby that becomes the primary may say so beside what it read just before, and a
 * proxy may send each question to another database. Milliseconds.
 */
const SECOND_LOOK_AFTER = 300

/**
 * Tells whether the database that answers now is the one that somebody follows, another one, to which servers were failed over, or one that is
 * behind: from its answers, each of which says whose it is.
 */
export class FollowedDatabase {
  readonly #pause: () => Promise<unknown>
  #database: string | undefined

  /**
   * @param database Which one was read so far; undefined: none, and the first that answers is followed.
   * @param pause Resolves when it is time for a second look.
   */
  constructor(
    database?: string,
    pause: () => Promise<unknown> = () => delay(SECOND_LOOK_AFTER, undefined, { ref: false }),
  ) {
    this.#database = database
    this.#pause = pause
  }

  /**
   * Asks, and asks again after a short while where the first answer looks like loss.
   *
   * @returns the last answer, and what it is worth.
   * @throws what `ask` throws.
   */
  async look<Answered extends Look>(
    ask: () => Promise<Answered>,
  ): Promise<{ answer: Answered; judgement: Judgement }> {
    const first = await ask()
    const judgement = this.judge(first)
    if (judgement !== 'unsure') return { answer: first, judgement }
    await this.#pause()
    const answer = await ask()
    return { answer, judgement: this.judgeAgain(first, answer) }
  }

  /** Judges a first look. */
  judge({ database, lacks }: Look): 'further' | 'behind' | 'unsure' {
    if (database === undefined) return 'behind'
    this.#database ??= database
    return database === this.#database && !lacks ? 'further' : 'unsure'
  }

  /** Judges the second look after a first one that was `unsure`: another database is believed in, and loss is, where both say the same. */
  judgeAgain(first: Look, second: Look): Judgement {
    const judgement = this.judge(second)
    if (judgement !== 'unsure') return judgement
    return first.database === second.database && (first.lacks || !second.lacks) ? 'another' : 'behind'
  }

  /** From now on a database is followed: what is known was read anew from it. */
  follow({ database }: Pick<Look, 'database'>): void {
    this.#database = database
  }
}
