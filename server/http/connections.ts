import type { ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import { addressGroup } from '../fleet/address-group.ts'
import type { Clock } from '../time/clock.ts'
import { peerAddress } from './access/client-address.ts'
import { OpenConnection, OpenConnections } from './open-connections.ts'
import { SecuredSockets } from './secured-sockets.ts'

/** How many connections may be open. */
export interface ConnectionLimits {
  /** In all. */
  total: number
  /** From one address (of IPv6: one /64). */
  perAddress: number
  /** Whether an address is a trusted proxy: it may have as many as there are. */
  isProxy?: ((address: string) => boolean) | undefined
}

/** Share of the limit beyond it that is still taken, so that probes hear an answer; more are closed unread. */
const BEYOND_SHARE = 0.1
const MAX_BEYOND = 64

/** Milliseconds. What a client sent may not have been read earlier, or wait in the client beside a thousand others. */
const YOUNG = 1_000

/**
 * Keeps the number of open connections within limits, so that silent peers never take the last descriptor.
 *
 * Where there is no room for one more, others that are idle make room: first those that never sent anything, the
 * oldest of them first, then those that wait between two requests. Where all are busy or younger than a second, the new one
 * is taken all the same, as one that is answered nothing but probes ({@link isBeyondLimit}). Where as many of these are open
 * as may be, idle ones make room however young they are: nobody keeps others out by opening many at once.
 */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #maxBeyond: number
  readonly #clock: Clock
  readonly #open = new OpenConnections()
  readonly #byAddress = new Map<string, number>()
  readonly #beyond = new Set<Socket>()
  readonly #secured = new SecuredSockets()

  constructor(limits: ConnectionLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#maxBeyond = Math.min(MAX_BEYOND, Math.ceil(limits.total * BEYOND_SHARE))
  }

  /** Watches over the connections of a server. */
  watch(server: Server): void {
    this.#secured.watch(server)
    server.on('connection', (socket: Socket) => {
      this.#admit(socket)
    })
  }

  get size(): number {
    return this.#open.size
  }

  /** Whether a connection was taken although there was no room for it. */
  isBeyondLimit(socket: Socket): boolean {
    return this.#beyond.size > 0 && this.#beyond.has(this.#secured.below(socket))
  }

  /**
   * Ends each connection that waits for a request at the `looks`-th call of this in a row, and over which nothing came since the first of them.
   *
   * To be called at equal intervals. Node would set a timer after each answer and take it away with the next request, each time between
   * those of other connections: of 1,000 that are kept alive each poll took 5 % more CPU time (measured, Node 24.21).
   */
  endIdle(looks: number): void {
    for (const connection of this.#open) {
      const { socket, bytesSeen } = connection
      const { bytesRead } = socket
      connection.bytesSeen = bytesRead
      if (this.#isBusy(socket)) connection.quietLooks = 0
      else {
        connection.quietLooks = bytesRead === bytesSeen ? connection.quietLooks + 1 : 1
        if (connection.quietLooks >= looks) socket.destroy()
      }
    }
  }

  #admit(socket: Socket): void {
    const connection = new OpenConnection(socket, this.#clock.now())
    this.#open.add(connection)
    onceClosed(socket, () => {
      this.#forget(connection)
    })
    if (this.#hasRoom(connection, YOUNG)) return
    if (this.#beyond.size < this.#maxBeyond) this.#beyond.add(socket)
    else if (!this.#hasRoom(connection, 0)) socket.destroy()
  }

  /** Whether there is room for a connection, made where there was none by closing others of at least that age. */
  #hasRoom(newcomer: OpenConnection, age: number): boolean {
    const { total, perAddress } = this.#limits
    // Nobody has more than all have together. To ask for a peer's address is dear, above all at accept: it waits for the kernel to take in
    // the request, which comes at the same moment.
    return (
      (this.#open.size <= perAddress || this.#hasRoomForAddress(newcomer, age)) &&
      (this.#open.size <= total || this.#makeRoom(newcomer, age))
    )
  }

  #hasRoomForAddress(newcomer: OpenConnection, age: number): boolean {
    this.#countAll()
    const { perAddress, isProxy } = this.#limits
    const { address = '' } = newcomer
    const count = this.#byAddress.get(address) ?? 0
    return count <= perAddress || isProxy?.(address) === true || this.#makeRoom(newcomer, age, address)
  }

  /** Counts, by their addresses, the connections that were accepted since this was last done. */
  #countAll(): void {
    for (const connection of this.#open.newestFirst()) {
      if (connection.address !== undefined) return
      const address = addressGroup(peerAddress(connection))
      connection.address = address
      this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    }
  }

  #forget(connection: OpenConnection): void {
    if (!this.#open.remove(connection)) return
    const { socket, address } = connection
    this.#beyond.delete(socket)
    if (address === undefined) return
    const count = (this.#byAddress.get(address) ?? 1) - 1
    if (count > 0) this.#byAddress.set(address, count)
    else this.#byAddress.delete(address)
  }

  /** Closes a hundredth of the connections, as far as they are idle: looking through all of them for one would be slow. */
  #makeRoom(newcomer: OpenConnection, age: number, address?: string): boolean {
    const wanted = Math.ceil((address === undefined ? this.#limits.total : this.#limits.perAddress) / 100)
    const now = this.#clock.now()
    const silent: OpenConnection[] = []
    const waiting: OpenConnection[] = []
    for (const connection of this.#open) {
      const { socket, address: from, acceptedAt } = connection
      // A clock that was set back makes nobody young for longer.
      if (Math.abs(now - acceptedAt) < age) continue
      if (connection === newcomer || (address !== undefined && from !== address) || this.#isBusy(socket))
        continue
      if (socket.bytesRead > 0) waiting.push(connection)
      else if (silent.push(connection) === wanted) break
    }
    const closed = [...silent, ...waiting].slice(0, wanted)
    for (const connection of closed) {
      connection.socket.destroy()
      // The event comes later, and the count must be right for the next connection.
      this.#forget(connection)
    }
    return closed.length > 0
  }

  #isBusy(socket: Socket): boolean {
    return answerUnderWay(this.#secured.above(socket)) !== undefined
  }
}

/**
 * Has `then` called when a socket has closed, in one listener with what Node does then: for each request it adds a second one and takes it
 * away again (`assignSocket`, `detachSocket` in lib/_http_server.js). To and from a list of two takes 2 % of a poll less than of three
 * (by the profile, Node 24.21).
 */
function onceClosed(socket: Socket, then: () => void): void {
  const listeners = socket.listeners('close')
  const first = listeners[0]
  if (first === undefined || listeners.length > 1) {
    socket.on('close', then)
    return
  }
  // `removeAllListeners` would make a dictionary of its events, which each later look-up pays for.
  socket.removeListener('close', first as () => void)
  socket.on('close', (hadError) => {
    first.call(socket, hadError)
    then()
  })
}

/** The response that a connection is busy with. Node has no public name for it and looks here itself (lib/_http_server.js). */
export function answerUnderWay(socket: object): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined
}
