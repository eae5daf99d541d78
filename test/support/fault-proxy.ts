import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** What may go wrong on the wire. `down` is what the server sends, `up` what the client sends. */
export type Fault =
  /** The connection breaks once that many bytes went that way; `clean`: with a FIN, as if all had been sent. */
  | { kind: 'cut'; direction: 'up' | 'down'; afterBytes: number; clean?: boolean }
  /** Nothing moves any more once that many bytes went that way, and nobody is told. */
  | { kind: 'stall'; direction: 'up' | 'down'; afterBytes: number }
  /** The server gets what the client sends, and once that contains this text the answer waits until the wire is healed. */
  | { kind: 'hold-answer'; to: string }
  /** Every piece of data comes that much later. */
  | { kind: 'delay'; milliseconds: number }
  /** The line is that slow. */
  | { kind: 'slow'; direction: 'up' | 'down'; bytesPerSecond: number }
  /** The server gets what the client sends, and once that contains this text the client gets no answer but a reset. */
  | { kind: 'lose-answer'; to: string }
  /** The same, but the client gets this text instead of the answer, and the end of the connection. */
  | { kind: 'replace-answer'; to: string; text: string }
  /** What contains this text never arrives: the connection breaks. */
  | { kind: 'lose'; text: string }
  /** Connections are accepted and reset. */
  | { kind: 'refuse' }
  /** The client gets this text instead of the server's answer, `HTTP/1.1 503 …` and so on. */
  | { kind: 'answer'; text: string }

/** A TCP proxy in front of a server on the loopback interface, through which a test lets the wire fail. */
export interface FaultProxy {
  port: number
  /** `http://127.0.0.1:{port}` */
  url: string
  /**
   * Lets the fault strike, open connections too; bytes count from now. After `times` strikes (always, when
   * absent) the wire is healthy again, or has the fault `then`. Delays and slow lines have no strikes.
   */
  inject: (fault: Fault, times?: number, then?: Fault) => void
  /** Ends the fault; what stalled goes on. */
  heal: () => void
  /** How often the fault struck since it was injected. */
  strikes: () => number
  /** Connections that are open now. */
  openConnections: () => number
  stop: () => Promise<void>
}

/** Starts a proxy on a free port; `targetPort` is the server's on 127.0.0.1. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const wire = new Wire()
  const connections = new Set<Connection>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const connection = new Connection(client, targetPort, wire)
    connections.add(connection)
    client.on('close', () => connections.delete(connection))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a port was expected')
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    inject: (fault, times = Infinity, then) => {
      wire.inject(fault, times, then)
      for (const connection of connections) connection.countFromHere()
    },
    heal: () => {
      wire.heal()
    },
    strikes: () => wire.strikes,
    openConnections: () => connections.size,
    stop: async () => {
      wire.heal()
      for (const connection of connections) connection.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The fault that all connections share. */
class Wire {
  fault: Fault | undefined
  strikes = 0
  #times = 0
  #then: Fault | undefined
  #healed = Promise.withResolvers<undefined>()

  inject(fault: Fault, times: number, then?: Fault): void {
    this.heal()
    this.#then = then
    this.fault = fault
    this.strikes = 0
    this.#times = times
  }

  heal(): void {
    this.fault = undefined
    this.#healed.resolve(undefined)
    this.#healed = Promise.withResolvers()
  }

  untilHealed(): Promise<undefined> {
    return this.#healed.promise
  }

  /** Counts a strike; the last one leaves the wire healthy, or as it was said, but for connections that stalled. */
  strike(): void {
    this.strikes += 1
    if (this.strikes === this.#times) this.fault = this.#then
  }
}

class Connection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #wire: Wire
  readonly #bytes = { up: 0, down: 0 }
  /** Whether the client sent the text of a fault that strikes its answer. */
  #isAsked = false

  constructor(client: Socket, targetPort: number, wire: Wire) {
    this.#client = client
    this.#wire = wire
    this.#server = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    for (const socket of [this.#client, this.#server]) {
      socket.on('error', () => {
        this.destroy()
      })
      socket.on('close', () => {
        this.destroy()
      })
    }
    if (wire.fault?.kind === 'refuse') {
      this.#break()
      return
    }
    void this.#pump(this.#client, this.#server, 'up')
    void this.#pump(this.#server, this.#client, 'down')
  }

  countFromHere(): void {
    this.#isAsked = false
    this.#bytes.up = 0
    this.#bytes.down = 0
  }

  destroy(): void {
    this.#client.destroy()
    this.#server.destroy()
  }

  async #pump(source: Socket, sink: Socket, direction: 'up' | 'down'): Promise<void> {
    try {
      const chunks = source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
      for await (const chunk of chunks) await this.#forward(chunk, sink, direction)
      sink.end()
    } catch {
      this.destroy()
    }
  }

  async #forward(chunk: Buffer, sink: Socket, direction: 'up' | 'down'): Promise<void> {
    const { fault } = this.#wire
    const before = this.#bytes[direction]
    this.#bytes[direction] += chunk.byteLength
    switch (fault?.kind) {
      case 'refuse':
        this.#break()
        return
      case 'answer':
        if (direction === 'up') this.#answer(fault.text)
        return
      case 'lose-answer':
      case 'replace-answer':
        this.#isAsked ||= direction === 'up' && chunk.includes(fault.to)
        if (direction === 'up' || !this.#isAsked || isInterim(chunk)) break
        if (fault.kind === 'replace-answer') this.#answer(fault.text)
        else this.#break()
        return
      case 'lose':
        if (direction === 'down' || !chunk.includes(fault.text)) break
        this.#break()
        return
      case 'hold-answer':
        this.#isAsked ||= direction === 'up' && chunk.includes(fault.to)
        if (direction === 'down' && this.#isAsked) await this.#stall()
        break
      case 'delay':
        await wait(fault.milliseconds)
        break
      case 'slow':
        if (fault.direction === direction) await this.#trickle(chunk, sink, fault.bytesPerSecond)
        else break
        return
      case 'cut':
      case 'stall':
        if (fault.direction !== direction || before + chunk.byteLength <= fault.afterBytes) break
        await write(sink, chunk.subarray(0, Math.max(0, fault.afterBytes - before)))
        if (fault.kind === 'cut') {
          this.#break(fault.clean)
          return
        }
        await this.#stall()
        await write(sink, chunk.subarray(Math.max(0, fault.afterBytes - before)))
        return
      case undefined:
    }
    await write(sink, chunk)
  }

  async #stall(): Promise<void> {
    const healed = this.#wire.untilHealed()
    this.#wire.strike()
    await healed
  }

  async #trickle(chunk: Buffer, sink: Socket, bytesPerSecond: number): Promise<void> {
    const piece = Math.max(1, Math.ceil(bytesPerSecond / 20))
    for (let start = 0; start < chunk.byteLength; start += piece) {
      await write(sink, chunk.subarray(start, start + piece))
      if (this.#wire.fault?.kind === 'slow') await wait(50)
    }
  }

  #answer(text: string): void {
    this.#wire.strike()
    this.#server.destroy()
    this.#client.end(text)
  }

  #break(clean = false): void {
    this.#wire.strike()
    if (clean) {
      this.#client.end()
      this.#server.end()
    } else {
      this.#client.resetAndDestroy()
      this.#server.resetAndDestroy()
    }
  }
}

/** Whether the server only asks for the body: its answer is still to come. */
function isInterim(chunk: Buffer): boolean {
  return chunk.includes('HTTP/1.1 100')
}

async function write(sink: Socket, bytes: Buffer): Promise<void> {
  if (bytes.byteLength === 0 || sink.write(bytes)) return
  const ended = new AbortController()
  try {
    await Promise.race([
      once(sink, 'drain', { signal: ended.signal }),
      once(sink, 'close', { signal: ended.signal }),
    ])
  } finally {
    ended.abort()
  }
}
