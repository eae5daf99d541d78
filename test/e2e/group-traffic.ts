import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Release } from '../../protocol/release.ts'
import { anArchive } from '../support/archive-builder.ts'

/** What a request came to: an answer, or none, as who was to give it ended. */
type Answer = { status: number; body: unknown; headers: Headers } | undefined

/** Statuses by which a server, or a proxy in front of it, says that it does not know what became of a request, or did nothing. */
const UNDECIDED: readonly number[] = [502, 503, 504]

/**
 * Clients of several servers that share a catalog, some of which end at any moment, and what they were told. The promises: what got a
 * 2xx is there, numbers never come twice, a tag that only ever goes forward is never seen going back, and polls are answered by whoever
 * runs.
 */
export class GroupTraffic {
  readonly #acknowledged = new Map<number, string>()
  readonly #sent = new Set<string>()
  readonly #broken: string[] = []
  /** Where `production` may be: it only goes forward. */
  #promoted = 0
  #ends = false
  readonly #running: Promise<void>[] = []
  polls = 0
  /** Archives that bots were sent. */
  loaded = 0
  lost = 0

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  /** Publishes through an address again and again, and sends the same bytes again where it was not told what became of them. */
  publishThrough(url: string): void {
    let bytes: Buffer | undefined
    this.#again(async () => {
      bytes ??= anArchive({ payloadBytes: 5_000 + Math.floor(Math.random() * 100_000) })
      const digest = digestOf(bytes)
      this.#sent.add(digest)
      const answer = await this.#ask(`${url}/models/shop`, { method: 'POST', body: Uint8Array.from(bytes) })
      if (answer === undefined || UNDECIDED.includes(answer.status)) {
        this.lost++
        return delay(200)
      }
      const release = answer.body as Release
      if (answer.status > 201) this.#breaks(`a publish was answered ${answer.status}`)
      else this.#note(release.number, release.digest, digest)
      bytes = undefined
      return delay(100)
    })
  }

  /** Promotes ever later releases to `production`. */
  promoteThrough(url: string): void {
    this.#again(async () => {
      const release = Math.max(0, ...this.#acknowledged.keys())
      if (release <= this.#promoted) return delay(50)
      const answer = await this.#ask(`${url}/api/v1/models/shop/tags/production`, {
        method: 'PUT',
        body: JSON.stringify({ release }),
        headers: { 'Content-Type': 'application/json' },
      })
      if (answer !== undefined && answer.status <= 201) this.#promoted = release
      else if (answer === undefined || UNDECIDED.includes(answer.status)) this.lost++
      else this.#breaks(`a promotion of ${release} was answered ${answer.status}`)
      return delay(100)
    })
  }

  /**
   * Polls as somebody who looks what a tag says, without a memory of his own.
   *
   * @param isRunning Whether whoever answers there is to answer now.
   */
  pollAt(url: string, isRunning: () => boolean): void {
    let highest = 0
    this.#again(async () => {
      const wasRunning = isRunning()
      const answer = await this.#ask(`${url}/models/shop@production`, { method: 'HEAD' })
      const status = answer?.status ?? 0
      if (status === 200) {
        const release = Number(answer?.headers.get('slipway-release'))
        if (release < highest) this.#breaks(`production went from ${highest} back to ${release} at ${url}`)
        highest = Math.max(highest, release)
        this.polls++
      } else if (status !== 404 && wasRunning && isRunning()) {
        this.#breaks(`a poll at ${url} was answered ${status}`)
      }
      return delay(50)
    })
  }

  /** Polls as a Rasa process does, which loads what it is sent: through a balancer, so that each time another server may answer. */
  botThrough(url: string): void {
    let tag = randomUUID().replaceAll('-', '')
    let running = 0
    this.#again(async () => {
      const answer = await this.#ask(`${url}/models/shop@production?instance=pod-1`, {
        headers: { 'If-None-Match': tag },
      })
      const release = Number(answer?.headers.get('slipway-release'))
      if (answer?.status === 200) {
        if (release < running) this.#breaks(`a bot that runs ${running} was sent ${release}`)
        tag = answer.headers.get('etag') ?? tag
        running = release
        this.loaded++
      } else if (answer !== undefined && ![304, 404, ...UNDECIDED].includes(answer.status)) {
        this.#breaks(`a bot was answered ${answer.status}`)
      }
      return delay(100)
    })
  }

  /** Itself, as long as no promise was broken. @throws Error with all that were broken until now. */
  whole(): this {
    if (this.#broken.length > 0) throw new Error(`Promises were broken: ${this.#broken.join('; ')}`)
    return this
  }

  /** Ends all clients. */
  async stop(): Promise<void> {
    this.#ends = true
    await Promise.all(this.#running)
  }

  /** Looks whether a server says what everybody was told. @throws Error */
  async verify(url: string): Promise<void> {
    const releases = new Map<number, string>()
    for (let next: string | null = ''; next !== null;) {
      const query = next === '' ? '' : `&cursor=${next}`
      const answer = await fetch(`${url}/api/v1/models/shop/releases?limit=1000${query}`)
      const page = (await answer.json()) as { items: Release[]; next: string | null }
      for (const { number, digest } of page.items) releases.set(number, digest)
      next = page.next
    }
    for (const [number, digest] of this.#acknowledged)
      if (releases.get(number) !== digest) this.#breaks(`acknowledged release ${number} is not at ${url}`)
    for (const digest of releases.values())
      if (!this.#sent.has(digest)) this.#breaks('there is a release of bytes that nobody sent')
    for (const [number, digest] of releases) {
      const archive = await fetch(`${url}/api/v1/models/shop/releases/${number}/archive`)
      const bytes = Buffer.from(await archive.arrayBuffer())
      if (digestOf(bytes) !== digest)
        this.#breaks(`release ${number} is not whole at ${url}: ${archive.status}`)
    }
    const latest = await fetch(`${url}/models/shop@latest`, { method: 'HEAD' })
    const top = Math.max(...releases.keys())
    if (Number(latest.headers.get('slipway-release')) !== top) this.#breaks(`latest is not ${top} at ${url}`)
    const production = await fetch(`${url}/models/shop@production`, { method: 'HEAD' })
    if (Number(production.headers.get('slipway-release')) < this.#promoted)
      this.#breaks(`production is before ${this.#promoted} at ${url}`)
    this.whole()
  }

  #note(number: number, digest: string, sent: string): void {
    if (digest !== sent) this.#breaks(`release ${number} has other bytes than were sent`)
    const known = this.#acknowledged.get(number)
    if (known !== undefined && known !== digest) this.#breaks(`the number ${number} was given twice`)
    this.#acknowledged.set(number, digest)
  }

  #again(act: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      while (!this.#ends) await act()
    }
    this.#running.push(run())
  }

  async #ask(url: string, init: RequestInit): Promise<Answer> {
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== ''
      return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : undefined }
    } catch {
      return undefined
    }
  }

  #breaks(promise: string): void {
    if (this.#broken.length < 20) this.#broken.push(promise)
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
