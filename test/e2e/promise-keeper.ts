import { createHash } from 'node:crypto'
import type { Problem } from '../../protocol/problem.ts'
import type { Release } from '../../protocol/release.ts'
import { anArchive } from '../support/archive-builder.ts'

/** An archive that was sent, and what is known of what became of it. */
interface Sent {
  digest: string
  bytes: Buffer
  /** Set once a 2xx came; without it nobody knows. */
  number?: number
}

/**
 * The client's side of a server that is killed again and again: what was sent, what was acknowledged, and whether
 * what the server says later agrees with it.
 *
 * The promises: what got a 2xx survives; nothing unacknowledged is half visible; every tag points at a release whose
 * bytes hash to its digest; numbers never go back; bodies are whole or the connection breaks.
 */
export class PromiseKeeper {
  readonly #sent = new Map<string, Sent>()
  #highest = 0
  /** Where `production` was last told to go, and where it may be because an answer was lost. */
  #production = new Set<number>()
  acknowledged = 0
  lost = 0
  pulls = 0

  /** Publishes something new, or repeats what was not acknowledged, as CI does. */
  async publish(url: string): Promise<void> {
    const open = [...this.#sent.values()].find(({ number }) => number === undefined)
    const sent =
      open ?? this.#remember(anArchive({ payloadBytes: 10_000 + Math.floor(Math.random() * 200_000) }))
    try {
      const answer = await fetch(`${url}/models/shop`, { method: 'POST', body: Uint8Array.from(sent.bytes) })
      if (!answer.ok) throw new UnexpectedAnswer(answer.status, (await answer.json()) as Problem)
      const release = (await answer.json()) as Release
      require(release.digest === sent.digest, `sent ${sent.digest}, release has ${release.digest}`)
      require(release.number > this.#highest ||
        answer.status === 200, `number ${release.number} after ${this.#highest}`)
      sent.number = release.number
      this.#highest = Math.max(this.#highest, release.number)
      this.acknowledged += 1
    } catch (error) {
      this.#forgive(error)
    }
  }

  /** Moves `production` to an acknowledged release. */
  async promote(url: string): Promise<void> {
    const known = this.#acknowledgedReleases()
    const release = known[Math.floor(Math.random() * known.length)]?.number
    if (release === undefined) return
    const before = this.#production
    this.#production = new Set([...before, release])
    try {
      const answer = await fetch(`${url}/api/v1/models/shop/tags/production`, {
        method: 'PUT',
        body: JSON.stringify({ release }),
        headers: { 'Content-Type': 'application/json' },
      })
      if (!answer.ok) throw new UnexpectedAnswer(answer.status, (await answer.json()) as Problem)
      this.#production = new Set([release])
    } catch (error) {
      this.#forgive(error)
    }
  }

  /** Polls a tag and looks at every byte. */
  async pull(url: string, tag: string): Promise<void> {
    try {
      const answer = await fetch(`${url}/models/shop@${tag}`)
      if (answer.status === 404) return
      if (!answer.ok) throw new UnexpectedAnswer(answer.status, (await answer.json()) as Problem)
      const bytes = Buffer.from(await answer.arrayBuffer())
      const digest = createHash('sha256').update(bytes).digest('hex')
      require(answer.headers.get('etag') ===
        `"${digest}"`, `a body of ${digest} under ${String(answer.headers.get('etag'))}`)
      require(this.#sent.has(digest), 'an archive that was never sent')
      this.pulls += 1
    } catch (error) {
      this.#forgive(error)
    }
  }

  /** After a restart: everything that was acknowledged is there, and nothing that was not sent. */
  async verify(url: string): Promise<void> {
    const releases = await list<Release>(url, 'releases')
    const byNumber = new Map(releases.map((release) => [release.number, release]))
    for (const { number, digest } of this.#acknowledgedReleases()) {
      require(byNumber.get(number)?.digest === digest, `acknowledged release ${number} is not there`)
    }
    require(releases.every(({ digest }) => this.#sent.has(digest)), 'a release of bytes that were never sent')
    const top = releases[0]?.number ?? 0
    require(top >= this.#highest, `the highest release went from ${this.#highest} back to ${top}`)
    for (const { tag, release, digest } of await list<{ tag: string; release: number; digest: string }>(
      url,
      'tags',
    )) {
      require(byNumber.get(release)?.digest === digest, `${tag} points at ${release}, which is not ${digest}`)
      const answer = await fetch(`${url}/models/shop@${tag}`)
      const bytes = Buffer.from(await answer.arrayBuffer())
      require(answer.ok, `${tag} is answered ${answer.status}`)
      require(createHash('sha256').update(bytes).digest('hex') === digest, `${tag} serves other bytes`)
      if (tag === 'latest') require(release === top, `latest is ${release} where ${top} is the highest`)
      if (tag === 'production') {
        require(this.#production.has(
          release,
        ), `production is ${release}, expected ${[...this.#production].join(' or ')}`)
        this.#production = new Set([release])
      }
    }
  }

  #remember(bytes: Buffer): Sent {
    const sent = { bytes, digest: createHash('sha256').update(bytes).digest('hex') }
    this.#sent.set(sent.digest, sent)
    return sent
  }

  #acknowledgedReleases(): (Sent & { number: number })[] {
    return [...this.#sent.values()].filter(
      (sent): sent is Sent & { number: number } => sent.number !== undefined,
    )
  }

  /** Connections break when a server is killed; anything else is a broken promise. */
  #forgive(error: unknown): void {
    if (!(error instanceof TypeError)) throw error
    this.lost += 1
  }
}

class UnexpectedAnswer extends Error {
  constructor(status: number, { code, detail }: Problem) {
    super(`answered ${status} ${code}: ${detail ?? ''}`)
  }
}

async function list<Item>(url: string, what: string): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer: Response = await fetch(
      `${url}/api/v1/models/shop/${what}?${cursor === '' ? '' : `cursor=${cursor}`}`,
    )
    if (answer.status === 404) return []
    const page = (await answer.json()) as { items: Item[]; next?: string | null }
    items.push(...page.items)
    cursor = page.next ?? null
  }
  return items
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`A promise was broken: ${otherwise}`)
}
