import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer as it came over a connection, undigested. */
export interface RawAnswer {
  status: number
  /** Names as they were sent, in their order. */
  headers: [name: string, value: string][]
  body: Buffer
}

/** A connection to a port of this machine, for what no HTTP client would send. */
export class RawConnection {
  readonly socket: Socket
  #chunks: Buffer[] = []
  #ended = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk)
    })
    socket.on('error', () => {
      this.#ended = true
    })
    socket.on('close', () => {
      this.#ended = true
    })
  }

  /** @param localAddress Where it comes from: another address of 127.0.0.0/8 is another client. */
  static async open(port: number, localAddress = '127.0.0.1'): Promise<RawConnection> {
    const connection = new RawConnection(connect({ port, host: '127.0.0.1', localAddress, noDelay: true }))
    await once(connection.socket, 'connect')
    return connection
  }

  /** Sends text (in Latin-1, as header fields are) or bytes; a peer that is gone is no error here. */
  send(data: string | Uint8Array): void {
    if (!this.socket.destroyed)
      this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  }

  /** Everything that has come so far. */
  get received(): Buffer {
    const received = Buffer.concat(this.#chunks)
    this.#chunks = [received]
    return received
  }

  /** Waits until the peer has closed the connection, however it did. */
  async closed(): Promise<Buffer> {
    if (!this.#ended) await once(this.socket, 'close').catch(() => undefined)
    return this.received
  }

  /** Waits until what came has this text in it, or the peer closed. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text) && !this.#ended) {
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]).catch(() => undefined)
    }
    return this.received.toString('latin1')
  }

  /** Waits for the header fields of the first answer. */
  async answered(): Promise<RawAnswer> {
    await this.until('\r\n\r\n')
    return parseAnswer(this.received)
  }
}

/** Sends one request as text and waits for the connection's end. */
export async function rawExchange(port: number, request: string | Uint8Array): Promise<RawAnswer> {
  const connection = await RawConnection.open(port)
  connection.send(request)
  return parseAnswer(await connection.closed())
}

/** Reads the first answer in what was received; status 0 where nothing came. */
export function parseAnswer(received: Buffer): RawAnswer {
  const end = received.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = received.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body: received.subarray(end + 4) }
}

/** The values of a header field in an answer. */
export function headerOf({ headers }: RawAnswer, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted.toLowerCase())?.[1]
}
