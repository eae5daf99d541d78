import { Socket } from 'node:net'

/**
 * Tells when a peer resets its connection after an answer was written. A small archive always fits the buffer of a socket:
 * that all of it was handed over says nothing of a peer that was gone already (measured: 64 kB of 2.5 MB were read).
 */
export class ResetWatch {
  readonly #onReset = new Map<Socket, () => void>()
  readonly #watched = new WeakSet<Socket>()

  /** How many connections are watched. */
  get size(): number {
    return this.#onReset.size
  }

  /** Has `onReset` called where the connection ends with an error before the next {@link end}; of one that has ended already, nothing is told. */
  begin(socket: Socket, onReset: () => void): void {
    // It would never tell that it has closed: it is none of a network, did so already, or will with an error that the caller sees.
    if (!(socket instanceof Socket) || socket.destroyed) return
    this.#onReset.set(socket, onReset)
    if (this.#watched.has(socket)) return
    this.#watched.add(socket)
    socket.once('close', (hadError) => {
      if (hadError) this.#onReset.get(socket)?.()
      this.#onReset.delete(socket)
    })
  }

  /** The peer sent another request: it has the answer before. */
  end(socket: Socket): void {
    // Each poll comes here, and of most connections nothing is to be told.
    if (this.#onReset.size > 0) this.#onReset.delete(socket)
  }
}
