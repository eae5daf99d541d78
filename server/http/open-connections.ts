import type { Socket } from 'node:net'

/** A connection that is open, between those that were accepted before and after it. */
export class OpenConnection {
  readonly socket: Socket
  /** Milliseconds since 1970. */
  readonly acceptedAt: number
  /** The address that it counts for; undefined: it was not asked for yet. */
  address: string | undefined
  isOpen = true
  /** What had come over it at the last look, see `Connections.endIdle`. */
  bytesSeen = 0
  /** At how many looks in a row it waited for a request, nothing having come since the first of them. */
  quietLooks = 0
  earlier: OpenConnection | undefined
  later: OpenConnection | undefined

  constructor(socket: Socket, acceptedAt: number) {
    this.socket = socket
    this.acceptedAt = acceptedAt
  }
}

/**
 * The open connections, in the order in which they were accepted. Each knows its neighbours, and none once it was removed.
 *
 * A Map would keep the order as well. But whenever it has taken in as many as it has room for, V8 moves what is left to another
 * table, and the one before points to it: where one table has grown old, all that follow, with the sockets that were in them,
 * outlive each collection of young garbage. Of a server that takes thousands of connections in a second, 0.7 to 1 MB of every 6 MB
 * were copied and kept until the next full collection, where it is some 30 kB (measured, Node 24.21).
 */
export class OpenConnections {
  #first: OpenConnection | undefined
  #last: OpenConnection | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Takes in a connection as the last that was accepted. */
  add(connection: OpenConnection): void {
    connection.earlier = this.#last
    if (this.#last === undefined) this.#first = connection
    else this.#last.later = connection
    this.#last = connection
    this.#size++
  }

  /** Takes a connection out. @returns Whether it was in. */
  remove(connection: OpenConnection): boolean {
    if (!connection.isOpen) return false
    const { earlier, later } = connection
    if (earlier === undefined) this.#first = later
    else earlier.later = later
    if (later === undefined) this.#last = earlier
    else later.earlier = earlier
    connection.isOpen = false
    connection.earlier = connection.later = undefined
    this.#size--
    return true
  }

  /** Those that are open, the one that was accepted first in front. None may be removed meanwhile. */
  *[Symbol.iterator](): Generator<OpenConnection> {
    for (let each = this.#first; each !== undefined; each = each.later) yield each
  }

  /** The same from the other end. */
  *newestFirst(): Generator<OpenConnection> {
    for (let each = this.#last; each !== undefined; each = each.earlier) yield each
  }
}
