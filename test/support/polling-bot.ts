import { randomUUID } from 'node:crypto'

/** A version-4 UUID as Rasa draws it. */
function processName(): string {
  return randomUUID().replaceAll('-', '')
}

/** A bot as Rasa is one, played over HTTP: it loads whatever it is sent, unless it cannot, and says so with its next poll. */
export class PollingBot {
  readonly name: string
  /** Digests that it cannot load. */
  readonly unloadable = new Set<string>()
  /** How many archives it was sent. */
  taken = 0
  readonly #address: string | (() => string)
  #tag = processName()

  /** @param address What it polls: `http://127.0.0.1:5080/models/shop@production`; a function may say another each time. */
  constructor(address: string | (() => string), name: string) {
    this.name = name
    this.#address = address
  }

  /** The digest of what it runs; undefined: nothing yet. */
  get digest(): string | undefined {
    return /^"([0-9a-f]{64})/.exec(this.#tag)?.[1]
  }

  /** What it says of itself with its next poll. */
  get tag(): string {
    return this.#tag
  }

  /** Polls once. @returns the status */
  async poll(): Promise<number> {
    const address = typeof this.#address === 'string' ? this.#address : this.#address()
    const response = await fetch(`${address}?instance=${encodeURIComponent(this.name)}`, {
      headers: { 'If-None-Match': this.#tag },
    })
    await response.arrayBuffer()
    const tag = response.headers.get('etag') ?? ''
    if (response.status === 200) {
      this.taken++
      if (!this.unloadable.has(tag.slice(1, 65))) this.#tag = tag
    }
    return response.status
  }

  /** Begins anew with nothing loaded. */
  restart(): void {
    this.#tag = processName()
  }
}
