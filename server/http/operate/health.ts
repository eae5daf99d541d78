import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'
import type { Readiness as WireReadiness } from '../../../protocol/readiness.ts'
import type { Gate } from '../access/gate.ts'
import { Refused } from '../access/refused.ts'
import type { Metrics } from './metrics.ts'
import { onlyGet } from '../reply/only-get.ts'
import { sendProblem } from '../reply/send-problem.ts'

/** Whether the server can do its work, and if not, why. */
export type Readiness = () => { ready: true } | Unready

/** Why the server cannot do its work. */
export interface Unready {
  ready: false
  /** Pulls are answered all the same: only changes are refused. */
  pulls: boolean
  code: 'shutting-down' | 'catalog-unavailable' | 'storage-unavailable' | 'storage-owned-elsewhere'
  reason: string
}

/** `/livez`, `/readyz` and `/metrics`. The first two are open: whoever probes has no token. */
export function mountHealth(app: Express, gate: Gate, readiness: Readiness, metrics: Metrics): void {
  onlyGet(app, '/livez', (request, response) => {
    sendText(request, response, 'ok\n')
  })
  onlyGet(app, '/readyz', (request, response) => {
    const state = readiness()
    const say = (body: WireReadiness) => {
      sendText(request, response, JSON.stringify(body), 'application/json; charset=utf-8')
    }
    if (state.ready) say({ pulls: true, writes: true })
    else if (!state.pulls) sendProblem(request, response, state.code, state.reason)
    else say({ pulls: true, writes: false, code: state.code, reason: state.reason })
  })
  onlyGet(app, '/metrics', async (request, response) => {
    if (gate(request, response, 'read') instanceof Refused) return
    sendText(request, response, await metrics.text(), metrics.contentType)
  })
}

/** Not by Express, which answers 304 to `If-None-Match: *` even where there is no entity tag. */
function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  const bytes = Buffer.from(text)
  const headers = ['Content-Type', contentType, 'Content-Length', String(bytes.length)]
  response.writeHead(200, [...headers, 'Cache-Control', 'no-store'])
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
