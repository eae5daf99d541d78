import type { Server } from 'node:http'
import { Duplex } from 'node:stream'
import type { Looks } from '../../../server/http/pace.ts'

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** What is sent. */
export interface WireRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** The address that it comes from. */
  readonly address: string
}

/** Virtual time stands still while a transfer waits: by the machine's clock its reader would be too slow, and be given up. */
export const never: Looks = () => () => undefined

const HEAD_END = '\r\n\r\n'

/**
 * A connection that goes through no network: it is handed to an HTTP server as if it had been accepted, so that everything
 * behind it is real. What happens to the last bytes of a 200 is up to the test: they wait until {@link arrive} or {@link reset}.
 */
export class SimulatedConnection extends Duplex {
  readonly remoteAddress: string
  readonly bytesRead = 1
  /** Resolves with the answer when the server has written it all; the last bytes of a 200 may still wait. */
  readonly answered: Promise<WireAnswer>
  readonly #answer = Promise.withResolvers<WireAnswer>()
  #received: Buffer = Buffer.alloc(0)
  #arrived: (() => void) | undefined
  #hasHungUp = false

  constructor(server: Server, { method = 'GET', path, headers = {}, body, address }: WireRequest) {
    super({ decodeStrings: true })
    this.remoteAddress = address
    this.answered = this.#answer.promise
    // Whoever awaits it hears; a connection that the test gave up matters to nobody.
    this.answered.catch(() => undefined)
    this.on('error', () => undefined)
    server.emit('connection', this)
    const length = body === undefined ? {} : { 'Content-Length': String(body.length) }
    const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...length, ...headers })
    this.push(
      `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    )
    if (body !== undefined) this.push(body)
  }

  /** The last bytes arrive. */
  arrive(): void {
    this.#arrived?.()
    this.#arrived = undefined
  }

  /** The peer resets it. */
  reset(): void {
    this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  }

  /** The peer closes its side, and waits for nothing. */
  hangUp(): void {
    this.#hasHungUp = true
    this.push(null)
  }

  override _read(): void {
    // What is read was pushed.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#received = Buffer.concat([this.#received, chunk])
    const answer = this.#parse(false)
    if (answer === undefined) {
      done()
      return
    }
    this.#answer.resolve(answer)
    if (answer.status === 200 && answer.body.length > 0) this.#arrived = done
    else done()
  }

  override _final(done: () => void): void {
    const answer = this.#parse(true)
    if (answer === undefined) this.#answer.reject(new Error('the connection ended before its answer'))
    else this.#answer.resolve(answer)
    done()
    if (!this.#hasHungUp) this.push(null)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#answer.reject(error ?? new Error('the connection was closed before its answer'))
    done(error)
  }

  // What a server does to a socket besides reading and writing; time-outs belong to the real clock.
  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  /** The answer once all of it was written; undefined until then. */
  #parse(isEnd: boolean): WireAnswer | undefined {
    const end = this.#received.indexOf(HEAD_END)
    if (end === -1) return undefined
    const [first = '', ...lines] = this.#received.toString('latin1', 0, end).split('\r\n')
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const status = Number(first.split(' ')[1])
    const body = this.#received.subarray(end + HEAD_END.length)
    const length = status === 204 || status === 304 ? 0 : Number(headers.get('content-length') ?? NaN)
    const isComplete = isEnd || body.length >= length
    return isComplete ? { status, headers, body } : undefined
  }
}
