import type { Express, Request, Response } from 'express'
import type { Gate } from '../gate.ts'
import type { Metrics } from '../metrics.ts'
import { refuseMethod } from '../mount-endpoints.ts'
import { sendProblem } from '../send-problem.ts'

/** Whether the server can do its work, and if not, why. */
export type Readiness = () => { ready: true } | { ready: false; reason: string }

/** `/livez`, `/readyz` and `/metrics`. The first two are open: whoever probes has no token. */
export function mountHealth(app: Express, gate: Gate, readiness: Readiness, metrics: Metrics): void {
  onlyGet(app, '/livez', (_request, response) => {
    sendText(response, 'ok\n')
  })
  onlyGet(app, '/readyz', (request, response) => {
    const state = readiness()
    if (state.ready) sendText(response, 'ok\n')
    else sendProblem(request, response, 'shutting-down', state.reason)
  })
  onlyGet(app, '/metrics', async (request, response) => {
    if (gate(request, response, 'manage') === undefined) return
    response.setHeader('Content-Type', metrics.contentType)
    response.send(await metrics.text())
  })
}

function onlyGet(
  app: Express,
  path: string,
  handle: (request: Request, response: Response) => unknown,
): void {
  app.all(path, async (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') await handle(request, response)
    else refuseMethod(request, response, 'GET, HEAD')
  })
}

function sendText(response: Response, text: string): void {
  response.setHeader('Cache-Control', 'no-store')
  response.type('text/plain').send(text)
}
