import type { Express, Response } from 'express'
import type { Gate } from '../access/gate.ts'
import type { Metrics } from './metrics.ts'
import { onlyGet } from '../reply/only-get.ts'
import { sendProblem } from '../reply/send-problem.ts'

/** Whether the server can do its work, and if not, why. */
export type Readiness = () => { ready: true } | Unready

/** Why the server cannot do its work. */
export interface Unready {
  ready: false
  code: 'shutting-down' | 'catalog-unavailable' | 'storage-unavailable' | 'storage-owned-elsewhere'
  reason: string
}

/** `/livez`, `/readyz` and `/metrics`. The first two are open: whoever probes has no token. */
export function mountHealth(app: Express, gate: Gate, readiness: Readiness, metrics: Metrics): void {
  onlyGet(app, '/livez', (_request, response) => {
    sendText(response, 'ok\n')
  })
  onlyGet(app, '/readyz', (request, response) => {
    const state = readiness()
    if (state.ready) sendText(response, 'ok\n')
    else sendProblem(request, response, state.code, state.reason)
  })
  onlyGet(app, '/metrics', async (request, response) => {
    if (gate(request, response, 'admin') === undefined) return
    response.setHeader('Content-Type', metrics.contentType)
    response.send(await metrics.text())
  })
}

function sendText(response: Response, text: string): void {
  response.setHeader('Cache-Control', 'no-store')
  response.type('text/plain').send(text)
}
