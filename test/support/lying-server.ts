import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterThisTest } from './temporary-directory.ts'

/** A request as the server saw it. */
export interface SeenRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
}

/** Answers one request, truthfully or not. `turn` counts from 0. */
export type Answerer = (request: IncomingMessage, response: ServerResponse, turn: number) => unknown

export interface LyingServer {
  /** The address of its one model. */
  url: string
  origin: string
  seen: SeenRequest[]
  /** How it answers from now on. */
  answer: Answerer
  /** Bytes of bodies that it handed to the network. */
  sent: number
}

/** Starts a model server that answers as the test tells it; it is stopped after the test. */
export async function lyingServer(answer: Answerer): Promise<LyingServer> {
  const state: LyingServer = { url: '', origin: '', seen: [], answer, sent: 0 }
  const server = createServer((request, response) => {
    state.seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers })
    void state.answer(request, response, state.seen.length - 1)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterThisTest(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  state.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  state.url = `${state.origin}/models/shop@production`
  return state
}
