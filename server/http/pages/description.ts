import type { Express, Request, Response } from 'express'
import type { Logger } from 'pino'
import type { Endpoint } from '../api/endpoint.ts'
import { logRequest, pageLevel } from '../reply/log-request.ts'
import { mountPath } from '../reply/mount-path.ts'
import { onlyGet } from '../reply/only-get.ts'
import { sendProblem } from '../reply/send-problem.ts'
import type { OpenApiDocument } from '../openapi/document-objects.ts'
import { describeApi } from '../openapi/open-api-document.ts'
import { allOperations } from '../openapi/operations.ts'
import { apiPage } from './api-page.ts'
import { favicon } from './favicon.ts'
import { notFoundPage } from './not-found-page.ts'
import { jsonPage, sendPage, type Page } from './send-page.ts'

/**
 * `/openapi.json`, `/docs` and the icon: what the server can be asked for. Open to everybody, as it is in the source too; the
 * server's data is not in it.
 */
export function mountDescription(
  app: Express,
  endpoints: readonly Endpoint[],
  version: string,
  logger: Logger,
): void {
  // Made when first asked for: most servers never are.
  let made: OpenApiDocument | undefined
  const document = (): OpenApiDocument => (made ??= describeApi(allOperations(endpoints), version))
  mountPage(app, '/openapi.json', logger, (mounted) => jsonPage(addressedAt(document(), mounted)))
  mountPage(app, '/docs', logger, () => apiPage(document()))
  mountPage(app, '/favicon.ico', logger, () => favicon)
}

/** Answers a request for an address that is not there: a page for browsers, a problem for programs. */
export function sendNotFound(request: Request, response: Response): void {
  const isBrowser = ['GET', 'HEAD'].includes(request.method) && request.accepts(['json', 'html']) === 'html'
  if (isBrowser) sendPage(request, response, notFoundPage(mountPath(request)), 404)
  else {
    const detail =
      'There is nothing at this address. The API is described at /openapi.json; bots pull /models/{model}.'
    sendProblem(request, response, 'not-found', detail)
  }
}

function mountPage(app: Express, path: string, logger: Logger, make: (mounted: string) => Page): void {
  // The last one is kept: an application mounts this at one place.
  let made: { page: Page; mounted: string } | undefined
  onlyGet(app, path, (request, response) => {
    const begun = performance.now()
    const mounted = mountPath(request)
    if (made?.mounted !== mounted) made = { page: make(mounted), mounted }
    sendPage(request, response, made.page)
    logRequest(logger, request, response, begun, {}, pageLevel(request, response))
  })
}

/** The document with the address that its paths begin at. */
function addressedAt(document: OpenApiDocument, mounted: string): OpenApiDocument {
  if (mounted === '') return document
  return { ...document, servers: document.servers.map((server) => ({ ...server, url: mounted })) }
}
