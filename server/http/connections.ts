import type { ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import { addressGroup } from '../fleet/address-group.ts'
import { withoutMapping } from './access/client-address.ts'
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

/**
 * Keeps the number of open connections within limits, so that silent peers never take the last descriptor.
 *
 * Where there is no room for one more, others that are idle make room: first those that never sent anything, the
 * oldest of them first, then those that wait between two requests. Where all are busy, the new one is taken all the same,
 * as one that is answered nothing but probes ({@link isBeyondLimit}).
 */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #maxBeyond: number
  /** With the address that each counts for. */
  readonly #open = new Map<Socket, string>()
  readonly #byAddress = new Map<string, number>()
  readonly #beyond = new Set<Socket>()
  readonly #secured = new SecuredSockets()

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
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

  #admit(socket: Socket): void {
    const address = addressGroup(withoutMapping(socket.remoteAddress ?? ''))
    const { total, perAddress, isProxy } = this.#limits
    const count = (this.#byAddress.get(address) ?? 0) + 1
    this.#open.set(socket, address)
    this.#byAddress.set(address, count)
    socket.on('close', () => {
      this.#forget(socket, address)
    })
    const hasRoom =
      (count <= perAddress || isProxy?.(address) === true || this.#makeRoom(socket, address)) &&
      (this.#open.size <= total || this.#makeRoom(socket))
    if (hasRoom) return
    if (this.#beyond.size >= this.#maxBeyond) socket.destroy()
    else this.#beyond.add(socket)
  }

  #forget(socket: Socket, address: string): void {
    if (!this.#open.delete(socket)) return
    this.#beyond.delete(socket)
    const count = (this.#byAddress.get(address) ?? 1) - 1
    if (count > 0) this.#byAddress.set(address, count)
    else this.#byAddress.delete(address)
  }

  /** Closes a hundredth of the connections, as far as they are idle: looking through all of them for one would be slow. */
  #makeRoom(newcomer: Socket, address?: string): boolean {
    const wanted = Math.ceil((address === undefined ? this.#limits.total : this.#limits.perAddress) / 100)
    const silent: Socket[] = []
    const waiting: Socket[] = []
    for (const [socket, from] of this.#open) {
      if (socket === newcomer || (address !== undefined && from !== address) || this.#isBusy(socket)) continue
      if (socket.bytesRead > 0) waiting.push(socket)
      else if (silent.push(socket) === wanted) break
    }
    const closed = [...silent, ...waiting].slice(0, wanted)
    for (const socket of closed) {
      socket.destroy()
      // The event comes later, and the count must be right for the next connection.
      this.#forget(socket, this.#open.get(socket) ?? '')
    }
    return closed.length > 0
  }

  #isBusy(socket: Socket): boolean {
    return answerUnderWay(this.#secured.above(socket)) !== undefined
  }
}

/** The response that a connection is busy with. Node has no public name for it and looks here itself (lib/_http_server.js). */
export function answerUnderWay(socket: object): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined
}
