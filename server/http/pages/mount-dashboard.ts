import type { Express, Request, Response } from 'express'
import type { Logger } from 'pino'
import { SOME_TAG } from '../../access/permission-target.ts'
import { permissionsOf, SOMEWHERE, type ReadRights, type Rights } from '../access/rights.ts'
import { isOverTls } from '../access/is-over-tls.ts'
import { tokenInCookie } from '../access/token-cookie.ts'
import type { Endpoint } from '../api/endpoint.ts'
import { queryOf } from '../api/known-parameters.ts'
import { refuseMethod } from '../api/mount-endpoints.ts'
import type { FaultLog } from '../reply/fault-log.ts'
import { logRequest, pageLevel } from '../reply/log-request.ts'
import { onlyGet } from '../reply/only-get.ts'
import { sendFailure } from '../reply/send-failure.ts'
import { sendProblem } from '../reply/send-problem.ts'
import { unbuiltPage } from './unbuilt-page.ts'
import type { Asset, Dashboard, PageRequest } from './dashboard.ts'
import { inProcessApi } from './in-process-api.ts'
import { acceptsGzip, dashboardPage, IMMUTABLE, sendPage } from './send-page.ts'
import { signIn, signOut } from './sign-in.ts'

export interface DashboardDependencies {
  endpoints: readonly Endpoint[]
  readRights: ReadRights
  logger: Logger
  faults: FaultLog
  version: string
  clock: { now(): number }
  /** Undefined where it was not built. */
  loadDashboard: () => Promise<Dashboard | undefined>
}

/** `/` and what is below `/dashboard/`: the pages, what they load, and signing in and out. */
export function mountDashboard(app: Express, dependencies: DashboardDependencies): void {
  const { faults, logger, loadDashboard, readRights } = dependencies
  const answer =
    (handle: (request: Request, response: Response, dashboard: Dashboard) => Promise<void>) =>
    async (request: Request, response: Response): Promise<void> => {
      const begun = performance.now()
      try {
        const dashboard = await loadDashboard()
        if (dashboard === undefined) sendPage(request, response, unbuiltPage(dependencies.version))
        else await handle(request, response, dashboard)
      } catch (error) {
        sendFailure(request, response, error, faults)
      }
      logRequest(logger, request, response, begun, {}, pageLevel(request, response))
    }

  onlyGet(
    app,
    '/dashboard/assets/:name',
    answer(async (request, response, { assets }) => {
      const asset = assets.get(String(request.params['name']))
      if (asset === undefined)
        sendProblem(request, response, 'not-found', 'Reload the page: it has newer files.')
      else sendAsset(request, response, asset)
    }),
  )
  takeForm(
    app,
    '/dashboard/sign-in',
    answer(async (request, response, dashboard) => {
      const outcome = await signIn(request, response, readRights)
      if (outcome.kind === 'signed-in') {
        response.setHeader('Set-Cookie', outcome.cookie)
        redirect(response, `../${outcome.next}`)
      } else {
        const html = dashboard.renderSignIn(describe(request, dashboard, dependencies), {
          next: outcome.next,
          refused: outcome.reason,
        })
        sendPage(request, response, dashboardPage(html), 403)
      }
    }),
  )
  takeForm(
    app,
    '/dashboard/sign-out',
    answer(async (request, response) => {
      response.setHeader('Set-Cookie', signOut(request))
      redirect(response, '../')
    }),
  )
  const page = answer((request, response, dashboard) =>
    sendDashboard(request, response, dashboard, dependencies),
  )
  onlyGet(app, '/', page)
  onlyGet(app, '/dashboard/{*rest}', page)
}

/** Takes a form. Who comes to its address otherwise, as by loading the answer again, is led to the overview. */
function takeForm(
  app: Express,
  path: string,
  handle: (request: Request, response: Response) => Promise<void>,
): void {
  app.route(path).all(async (request, response) => {
    if (request.method === 'POST') await handle(request, response)
    else if (request.method === 'GET' || request.method === 'HEAD') redirect(response, '../')
    else refuseMethod(request, response, 'GET, HEAD, POST')
  })
}

async function sendDashboard(
  request: Request,
  response: Response,
  dashboard: Dashboard,
  dependencies: DashboardDependencies,
): Promise<void> {
  const slashed = withSlash(request)
  if (slashed !== undefined) {
    redirect(response, slashed)
    return
  }
  const rights = dependencies.readRights(request)
  const described = describe(request, dashboard, dependencies)
  const reader = rights.principalFor('read', SOMEWHERE)
  if (reader === undefined) {
    const html = dashboard.renderSignIn(described, {
      next: described.path === '' ? '' : `${described.path}${searchOf(request)}`,
      refused: null,
    })
    // What stands at the root is open to everybody, and says what this is.
    sendPage(request, response, dashboardPage(html), described.path === '' ? 200 : 401)
    return
  }
  const viewer = viewerOf(request, rights, reader.name)
  const { status, html } = await dashboard.renderPage({
    ...described,
    viewer,
    mayAt: ({ model, tag = SOME_TAG }) => permissionsOf(rights, { model, tag }),
    api: inProcessApi({ ...dependencies, rights, request, response, ApiProblem: dashboard.ApiProblem }),
  })
  // Browsers show a page of their history as it was, whoever is signed in by then, unless they may not keep it (RFC 9111 §6).
  const cacheControl = viewer.isSignedIn ? 'no-store' : 'private, no-cache'
  sendPage(request, response, dashboardPage(html), status, cacheControl)
}

function viewerOf(request: Request, rights: Rights, name: string): PageRequest['viewer'] {
  const isSignedIn = request.headers.authorization === undefined && tokenInCookie(request) !== undefined
  return { name, may: permissionsOf(rights), maySomewhere: permissionsOf(rights, SOMEWHERE), isSignedIn }
}

/** What this request was sent to, as far as the server can know: what a proxy has taken away of a path is not in it. */
function serverOf({ headers, socket, baseUrl }: Request): string {
  const scheme = isOverTls({ headers, socket }) ? 'https' : 'http'
  return `${scheme}://${headers.host ?? 'localhost'}${baseUrl}/`
}

function describe(
  request: Request,
  { assetNames }: Dashboard,
  { version, clock }: DashboardDependencies,
): Omit<PageRequest, 'api' | 'viewer' | 'mayAt'> {
  const [address = ''] = request.url.split('?')
  const query = Object.fromEntries([...queryOf(request.url)].filter(([name]) => name !== 'token'))
  return {
    path: address.slice(1),
    server: serverOf(request),
    query,
    version,
    now: clock.now(),
    assets: assetNames,
  }
}

function searchOf({ url }: Request): string {
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark)
}

/** Where an application has it at `/models-of-ours`, addresses from there lead astray without a slash at its end. */
function withSlash({ originalUrl, baseUrl, url }: Request): string | undefined {
  const [address = ''] = originalUrl.split('?')
  if (baseUrl === '' || !url.startsWith('/') || address.endsWith('/') || address !== baseUrl) return undefined
  return `${address.slice(address.lastIndexOf('/') + 1)}/`
}

/** @param location Relative: neither a proxy's nor an application's prefix is known here. */
function redirect(response: Response, location: string): void {
  response.writeHead(303, { Location: location, 'Cache-Control': 'no-store', 'Content-Length': '0' })
  response.end()
}

function sendAsset(request: Request, response: Response, { type, bytes, gzipped }: Asset): void {
  const headers = ['Content-Type', type, 'Vary', 'Accept-Encoding']
  if (!acceptsGzip(request)) sendPage(request, response, { bytes, headers }, 200, IMMUTABLE)
  else {
    const page = { bytes: gzipped, headers: [...headers, 'Content-Encoding', 'gzip'] }
    sendPage(request, response, page, 200, IMMUTABLE)
  }
}
