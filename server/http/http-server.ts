import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { PROBLEMS, type ProblemCode } from '../../protocol/problem-table.ts'
import { PROBLEM_MEDIA_TYPE } from '../../protocol/problem.ts'
import { answerUnderWay, type Connections } from './connections.ts'
import { problemOf } from './reply/send-problem.ts'
import type { TlsOptions } from './tls-files.ts'
import { transferTurns } from './transfer-turns.ts'

/** How long a peer may take, in milliseconds. */
export interface ServerTimings {
  /** From the first byte of a request to the end of its header fields. */
  headers: number
  /** How often the above is looked at. */
  look: number
  /** From the beginning of a connection over TLS to the end of its handshake. */
  handshake: number
  /** From the last that came over a connection, or the end of its last answer, to its own end; a fifth more may pass. */
  idle: number
  /** From a refusal of what could not be read to the end of its connection, whatever the peer does. */
  linger: number
}

/** What a server may differ in. */
export interface HttpServerOptions {
  connections?: Connections
  /** Undefined: it speaks plain HTTP. */
  tls?: TlsOptions | undefined
  timings?: ServerTimings
}

/** 30 s is Node's look, which would answer 408 after 85 s. */
const STANDARD_TIMINGS: ServerTimings = {
  headers: 55_000,
  look: 5_000,
  handshake: 10_000,
  idle: 75_000,
  linger: 2_000,
}

/**
 * A server with the time-outs that archives need: none on a whole request (uploads take as long as their bytes flow,
 * see watch-pace.ts), a minute on header fields, and connections kept for longer than proxies keep theirs.
 */
export function createHttpServer(
  listener: RequestListener,
  logger: Logger,
  { connections, tls, timings = STANDARD_TIMINGS }: HttpServerOptions = {},
): Server {
  const options = {
    requestTimeout: 0,
    headersTimeout: timings.headers,
    connectionsCheckingInterval: timings.look,
    // See `Connections.endIdle`.
    keepAliveTimeout: connections === undefined ? timings.idle : 0,
    // Without a body there is nothing to read: a bare handler spends a fifth of its CPU time on the events of an empty stream
    // (measured). Such a request counts as destroyed from its beginning, and `complete` comes after its listener returned:
    // whether its client has gone, the response tells.
    optimizeEmptyRequests: true,
  }
  const server =
    tls === undefined
      ? // See `sendAtOnce`.
        createServer({ ...options, noDelay: false }, listener)
      : // Here the first answer would wait until the client has confirmed what the handshake ended with.
        createTlsServer({ ...options, ...tls, handshakeTimeout: timings.handshake }, listener)
  if (connections !== undefined) {
    connections.watch(server)
    endIdleConnections(server, connections, timings.idle)
  }
  server.on('connection', () => {
    transferTurns.noteConnection()
  })
  // Node would invite the body at once; whoever reads it does so after the request was let in. Until then nobody knows
  // whether the body will follow: an answer ends the connection, or the next request might be taken for it (RFC 9110 §10.1.1).
  server.on('checkContinue', (request, response) => {
    const invite = response.writeContinue.bind(response)
    response.setHeader('Connection', 'close')
    response.writeContinue = (callback) => {
      response.removeHeader('Connection')
      invite(callback)
    }
    listener(request, response)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (isOfTls(error)) {
      // Nobody is there who could read an answer; port scanners come by all the time.
      logger.debug({ reason: error.code }, 'handshake_failed')
      socket.destroy()
      return
    }
    const answer = answerUnderWay(socket)
    const code = answer !== undefined && isCut(error) ? 'upload-truncated' : problemOfParser(error)
    if (error.code !== 'ECONNRESET') {
      logger.info({ code, event: EVENTS[code], reason: error.code }, 'request_unreadable')
    }
    // What is written into an answer that has begun would be taken for its bytes.
    if (answer?.headersSent === true || !socket.writable) socket.destroy()
    else answerRaw(socket, code, timings.linger)
  })
  // Without a listener an error of accept(2) would end the program.
  server.on('error', (error) => {
    logger.error({ err: error }, 'listener_failed')
  })
  return server
}

/** Looks at the connections of a server for as long as it listens. @param idle Milliseconds. */
function endIdleConnections(server: Server, connections: Connections, idle: number): void {
  server.on('listening', () => {
    const looking = setInterval(() => {
      // Something may have come, or been answered, until right before the first of them.
      connections.endIdle(LOOKS + 1)
    }, idle / LOOKS).unref()
    server.once('close', () => {
      clearInterval(looking)
    })
  })
}

/** How often connections are looked at within the time that they may be idle. */
const LOOKS = 5

/** What Node's parser gives up with, by its error codes. */
const PARSER_PROBLEMS: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'slow-client',
}

/** Where an answer is under way, the line of its request has the event. */
const EVENTS: Partial<Record<ProblemCode, string>> = { 'slow-client': 'slow_client' }

function problemOfParser({ code = '' }: NodeJS.ErrnoException): ProblemCode {
  return PARSER_PROBLEMS[code] ?? 'bad-request'
}

/** The handshake came to nothing: no TLS, another version of it, a client that does not trust the certificate. */
function isOfTls({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^ERR_(?:SSL|TLS)_/.test(code)
}

/** The sender closed its side before the body's end. */
function isCut({ code }: NodeJS.ErrnoException): boolean {
  return code === 'HPE_INVALID_EOF_STATE'
}

/**
 * Answers what could not be read as a request; there is no response object to do it with. A peer that never closes its
 * side would keep the connection for ever.
 */
function answerRaw(socket: Duplex, code: ProblemCode, linger: number): void {
  const { status } = PROBLEMS[code]
  const body = JSON.stringify(problemOf(code, undefined, 'unread'))
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nCache-Control: no-store\r\n` +
      `Content-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  const cut = setTimeout(() => socket.destroy(), linger)
  cut.unref()
  socket.once('close', () => {
    clearTimeout(cut)
  })
}
