import type { Express, Request, Response } from 'express'
import { refuseMethod } from '../api/mount-endpoints.ts'

/** Gives an address that is only read its GET and HEAD, and 405 to all else. */
export function onlyGet(
  app: Express,
  path: string,
  handle: (request: Request, response: Response) => unknown,
): void {
  app.route(path).all(async (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') await handle(request, response)
    else refuseMethod(request, response, 'GET, HEAD')
  })
}
