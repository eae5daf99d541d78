import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenOnLoopback } from './listen-on-loopback.ts'

/** A message as a receiver of webhooks got it. */
export interface ReceivedMessage {
  method: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

export interface Receiver {
  /** `http://127.0.0.1:{port}/hook` */
  url: string
  port: number
  /** In the order in which they came, whole. */
  received: ReceivedMessage[]
  /** How it answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse, message: ReceivedMessage) => unknown
}

/** Starts a receiver of webhooks on loopback, which answers 200 unless told otherwise; it ends with the current test. */
export async function aReceiver(
  answer: Receiver['answer'] = (_request, response) => response.end(),
  port = 0,
): Promise<Receiver> {
  const receiver: Receiver = { url: '', port, received: [], answer }
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, headers } = request
    const message = { method, headers, body: await text(request) }
    receiver.received.push(message)
    receiver.answer(request, response, message)
  }
  const server = createServer((request, response) => {
    // A sender that leaves in the middle is what some tests are about.
    take(request, response).catch(() => undefined)
  })
  receiver.port = await listenOnLoopback(server, port)
  receiver.url = `http://127.0.0.1:${receiver.port}/hook`
  return receiver
}
