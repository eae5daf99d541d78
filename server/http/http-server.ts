import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { PROBLEMS, type ProblemCode } from '../../protocol/problem-table.ts'
import { PROBLEM_MEDIA_TYPE } from '../../protocol/problem.ts'
import { problemOf } from './send-problem.ts'

/**
 * A server with the time-outs that archives need: none on a whole request (uploads take as long as their bytes flow,
 * see watch-pace.ts), a minute on header fields, and connections kept for longer than proxies keep theirs.
 */
export function createHttpServer(listener: RequestListener, logger: Logger): Server {
  const server = createServer(
    {
      requestTimeout: 0,
      headersTimeout: 55_000,
      // How often the above is looked at; 30 s by default, which would answer 408 after 85 s.
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 75_000,
    },
    listener,
  )
  // Node would invite the body at once; whoever reads it does so after the request was let in.
  server.on('checkContinue', listener)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = PARSER_PROBLEMS[error.code ?? ''] ?? 'bad-request'
    if (error.code !== 'ECONNRESET') logger.info({ code, reason: error.code }, 'request_unreadable')
    answerRaw(socket, code)
  })
  return server
}

/** What Node's parser gives up with, by its error codes. */
const PARSER_PROBLEMS: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'slow-client',
}

/** Answers what could not be read as a request; there is no response object to do it with. */
function answerRaw(socket: Duplex, code: ProblemCode): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { status } = PROBLEMS[code]
  const body = JSON.stringify(problemOf(code, undefined, 'unread'))
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nCache-Control: no-store\r\n` +
      `Content-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
