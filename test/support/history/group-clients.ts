import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { anArchive } from '../archive-builder.ts'
import { ask, isDeferred, isSurprise, saysThatNothingChanged, type Answer } from './ask.ts'
import { listAll } from './list-all.ts'
import { faultsOfReleases, type PublishOperation } from './publish-history.ts'
import {
  faultsOfMoves,
  faultsOfTagged,
  knownMoves,
  withoutUnmade,
  type NamedOperation,
  type ToldMove,
} from './tag-moves.ts'
import { ABSENT, faultsOfTag, type TagStep } from './tag-register.ts'
import { faultsOfViews, type Look } from './tag-views.ts'

const TAG = 'production'

/** Where each release is tagged as it is published. */
const PUBLISHED_TAG = 'candidate'

/** For how long whoever changes something waits for the answer, as on a busy machine. Milliseconds. */
const ANSWER_TIMEOUT = 30_000

/** What a warm process is sent is not older than this, in milliseconds (docs/scaling.md). */
const OLD_AT_MOST = 5_000

/**
 * Clients of several servers over one catalog, and the history of all that they asked and were told. They publish, read and move one tag,
 * with conditions and without, and poll, each again and again until {@link stop}; {@link faults} says what of it cannot be.
 */
export class GroupClients {
  readonly #publishes: PublishOperation[] = []
  readonly #operations: NamedOperation[] = []
  readonly #looks: Look[] = []
  /** Answers that nobody may get. */
  readonly #surprises = new Set<string>()
  readonly #running: Promise<void>[] = []
  /** Releases that were acknowledged. */
  #releases: number[] = []
  readonly #pulls: string
  readonly #api: string
  #clients = 0
  #deferred = 0
  #ends = false

  /** @param model What they publish; nobody else does. */
  constructor(model: string) {
    this.#pulls = `/models/${model}`
    this.#api = `/api/v1/models/${model}`
  }

  /** Answers that told that something was done. */
  get acknowledged(): number {
    return this.moved + this.published
  }

  /** Moves of the tag that were acknowledged. */
  get moved(): number {
    return this.#operations.filter(({ step }) => step.kind === 'move' && typeof step.told === 'object').length
  }

  /** Publishes that were acknowledged. */
  get published(): number {
    return this.#publishes.filter(({ told }) => typeof told === 'object').length
  }

  /** How much of what there was, for people. */
  get summary(): string {
    const lost = [
      ...this.#publishes.map(({ told }) => told),
      ...this.#operations.map(({ step }) => step.kind === 'move' && step.told),
    ]
    return (
      `${this.#publishes.length} publishes, ${this.#operations.length} reads and moves, ${this.#looks.length} polls, ` +
      `${lost.filter((told) => told === 'lost').length} answers lost, ${this.#deferred} polls deferred`
    )
  }

  /** Publishes at one of the addresses after the other; sends the same bytes again where it was not told what became of them. */
  publishAt(urls: readonly string[]): void {
    let bytes: Buffer | undefined
    this.#again(async (client, turn) => {
      bytes ??= anArchive({ payloadBytes: 5_000 + Math.floor(Math.random() * 50_000) })
      const digest = digestOf(bytes)
      const body = Uint8Array.from(bytes)
      const url = `${urls[turn % urls.length]!}${this.#pulls}?tag=${PUBLISHED_TAG}`
      const answer = await ask(url, { method: 'POST', body }, ANSWER_TIMEOUT)
      const told = this.#toldOfPublish(answer, digest)
      this.#publishes.push({ client, digest, ...timesOf(answer, told), told })
      if (typeof told === 'object') {
        this.#releases.push(told.number)
        bytes = undefined
      }
      await delay(typeof told === 'object' ? 150 : 300)
    })
  }

  /** Reads the tag at an address, and moves it, mostly on the condition that it is as it was read. */
  moveAt(urls: readonly string[]): void {
    this.#again(async (client, turn) => {
      const url = urls[turn % urls.length]!
      const expected = await this.#read(client, url)
      const to = this.#releases[Math.floor(Math.random() * this.#releases.length)]
      if (expected !== undefined && to !== undefined)
        await this.#move(client, url, to, turn % 4 === 3 ? undefined : expected)
      await delay(50 + Math.random() * 50)
    })
  }

  /** Has the tag moved at all of the addresses at once, each on the condition that it is as it was read before: one of them may do so. */
  contendAt(urls: readonly string[]): void {
    this.#again(async (client, turn) => {
      const expected = await this.#read(client, urls[turn % urls.length]!)
      const known = this.#releases.length
      if (expected !== undefined && known > 0)
        await Promise.all(
          urls.map((url, index) =>
            this.#move(`${client} at ${url}`, url, this.#releases[(turn + index) % known]!, expected),
          ),
        )
      await delay(50)
    })
  }

  /**
   * Asks one server what the tag says, without a memory of his own: what it says never goes back.
   *
   * @param answers Whether it is to answer now.
   */
  pollAt(url: string, answers: () => boolean): void {
    this.#again(async (viewer) => {
      const didAnswer = answers()
      const answer = await ask(`${url}${this.#pulls}@${TAG}`, { method: 'HEAD' }, 60_000)
      // Who starts gets what is known, however old that is.
      if (answer.status === 200 || answer.status === 404) this.#look(viewer, answer, Infinity)
      else if (didAnswer && answers()) this.#surprises.add(`a poll at ${url} was answered ${answer.status}`)
      await delay(100)
    })
  }

  /**
   * Polls as a Rasa process does that loads what it is sent: each time another server may answer.
   *
   * @param answers Whether each poll is to be answered now; one that a server defers in words is.
   */
  botAt(urls: readonly string[], answers: () => boolean = () => false): void {
    let tag = randomUUID().replaceAll('-', '')
    this.#again(async (viewer, turn) => {
      const url = `${urls[turn % urls.length]!}${this.#pulls}@${TAG}?instance=pod-1`
      const isCold = tag.length === 32
      const didAnswer = answers()
      const answer = await ask(url, { headers: { 'If-None-Match': tag } }, didAnswer ? 60_000 : undefined)
      if (answer.status === 200) {
        // What starts gets what is known.
        this.#look(viewer, answer, isCold ? Infinity : OLD_AT_MOST)
        tag = answer.headers?.get('etag') ?? tag
        if (!tag.startsWith(`"${digestOf(answer.bytes)}`))
          this.#surprises.add(`a bot was sent other bytes than ${tag} says`)
      } else if (isDeferred(answer)) this.#deferred++
      else if (![304, 404].includes(answer.status) && ((didAnswer && answers()) || isSurprise(answer)))
        this.#surprises.add(`a bot was answered ${answer.status}`)
      await delay(80)
    })
  }

  /** Ends all clients. */
  async stop(): Promise<void> {
    this.#ends = true
    await Promise.all(this.#running)
  }

  /** Whether what there was cannot be, as far as it can be told while it goes on. */
  surprises(): string[] {
    return [...this.#surprises]
  }

  /**
   * Says what was wrong, by what each of the servers says in the end.
   *
   * @param urls Servers that all answer.
   */
  async faults(urls: readonly string[]): Promise<string[]> {
    for (const url of urls) await this.#read('the end', url)
    const faults = this.surprises()
    const published = await this.#movesOf(PUBLISHED_TAG, urls[0]!)
    for (const url of urls) {
      const releases = await listAll<{ number: number; digest: string }>(`${url}${this.#api}/releases`)
      const kept = new Map(releases.map(({ number, digest }) => [number, digest]))
      faults.push(...faultsOfReleases(this.#publishes, kept), ...(await this.#faultsOfArchives(url, kept)))
      faults.push(...faultsOfTagged(published, [...kept.keys()]))
    }
    const moves = await this.#movesOf(TAG, urls[0]!)
    faults.push(
      ...faultsOfTag(withoutUnmade(this.#operations, moves)),
      ...faultsOfMoves(this.#operations, moves),
    )
    faults.push(...faultsOfViews(this.#looks, knownMoves(this.#operations, moves)))
    return faults
  }

  /** The history of a tag, from the first move on. */
  async #movesOf(tag: string, url: string): Promise<ToldMove[]> {
    return (await listAll<ToldMove>(`${url}${this.#api}/tags/${tag}/history`)).toReversed()
  }

  /** The version of the tag, or that it is absent; undefined where that was not told. */
  async #read(client: string, url: string): Promise<string | undefined> {
    const answer = await ask(`${url}${this.#api}/tags/${TAG}`, {}, ANSWER_TIMEOUT)
    const version = versionOf(answer)
    if (answer.status === 200 && version !== undefined) {
      const { release } = answer.body as { release: number }
      this.#note(client, '', answer, { kind: 'read', seen: { release, version } })
      return version
    }
    if (answer.status !== 404) {
      if (isSurprise(answer)) this.#surprises.add(`a read of the tag was answered ${answer.status}`)
      return undefined
    }
    this.#note(client, '', answer, { kind: 'read', seen: null })
    return ABSENT
  }

  async #move(client: string, url: string, to: number, expected: string | undefined): Promise<void> {
    const name = randomUUID()
    const condition =
      expected === undefined
        ? {}
        : expected === ABSENT
          ? { 'If-None-Match': '*' }
          : { 'If-Match': `"${expected}"` }
    const init = {
      method: 'PUT',
      body: JSON.stringify({ release: to, reason: name }),
      headers: { 'Content-Type': 'application/json', ...condition },
    }
    const answer = await ask(`${url}${this.#api}/tags/${TAG}`, init, ANSWER_TIMEOUT)
    const told = this.#toldOfMove(answer)
    // A move to where it is already is none, and not in its history.
    const isNone = typeof told === 'object' && (answer.body as { from: number | null }).from === to
    this.#note(client, isNone ? '' : name, answer, { kind: 'move', to, expected, told })
  }

  #toldOfPublish(answer: Answer, digest: string): PublishOperation['told'] {
    if (answer.status === 200 || answer.status === 201) {
      const release = answer.body as { number: number; digest: string }
      if (release.digest !== digest)
        this.#surprises.add(`release ${release.number} has other bytes than were sent`)
      return { number: release.number, isNew: answer.status === 201 }
    }
    if (isSurprise(answer)) this.#surprises.add(`a publish was answered ${answer.status}`)
    return saysThatNothingChanged(answer) ? 'refused' : 'lost'
  }

  #toldOfMove(answer: Answer): (TagStep & { kind: 'move' })['told'] {
    const version = versionOf(answer)
    if ((answer.status === 200 || answer.status === 201) && version !== undefined) return { version }
    const { code } = (answer.body ?? {}) as { code?: string }
    if (answer.status === 412 || code === 'tag-exists') return 'refused'
    if (isSurprise(answer)) this.#surprises.add(`a move was answered ${answer.status} ${code ?? ''}`)
    return saysThatNothingChanged(answer) ? 'failed' : 'lost'
  }

  #look(viewer: string, answer: Answer, mayBeOldBy: number): void {
    const release = answer.status === 404 ? null : Number(answer.headers?.get('slipway-release'))
    this.#looks.push({ viewer, release, ...timesOf(answer), mayBeOldBy })
  }

  #note(client: string, name: string, answer: Answer, step: TagStep): void {
    const told = step.kind === 'move' ? step.told : undefined
    this.#operations.push({ client, name, ...timesOf(answer, told), step })
  }

  #again(act: (client: string, turn: number) => Promise<void>): void {
    const client = `client ${++this.#clients}`
    const run = async (): Promise<void> => {
      for (let turn = 0; !this.#ends; turn++) await act(client, turn)
    }
    this.#running.push(run())
  }

  async #faultsOfArchives(url: string, releases: ReadonlyMap<number, string>): Promise<string[]> {
    const faults: string[] = []
    for (const [number, digest] of releases) {
      const archive = await ask(`${url}${this.#api}/releases/${number}/archive`, {}, 60_000)
      if (digestOf(archive.bytes) !== digest)
        faults.push(`release ${number} is not whole at ${url}: ${archive.status}`)
    }
    const latest = await fetch(`${url}${this.#pulls}@latest`, { method: 'HEAD' })
    const top = Math.max(0, ...releases.keys())
    if (Number(latest.headers.get('slipway-release')) !== top) faults.push(`latest is not ${top} at ${url}`)
    return faults
  }
}

function digestOf(bytes: Buffer = Buffer.of()): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** What was lost may happen at any time. */
function timesOf({ asked, answered }: Answer, told?: unknown): { asked: number; answered: number } {
  return { asked, answered: told === 'lost' ? Infinity : answered }
}

/** The part of an entity tag that says where the tag is: `If-Match` compares no more of it. */
function versionOf({ headers }: Answer): string | undefined {
  return /^"([^".]+)/.exec(headers?.get('etag') ?? '')?.[1]
}
