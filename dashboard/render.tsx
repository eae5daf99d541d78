import { signal } from '@preact/signals'
import { render as renderToString } from 'preact-render-to-string'
import { ApiProblem, type Api } from './api/api.ts'
import { NOBODY, PageContextProvider } from './page/context.ts'
import { bootJson, Document, type AssetNames } from './page/document.tsx'
import { findPage } from './page/find-page.ts'
import { Frame } from './page/frame.tsx'
import { targetKey, type Boot, type Reader, type Target, type Viewer } from './page/page.ts'
import { PAGES } from './page/pages.ts'
import { ProblemView } from './page/problem-view.tsx'
import { SignInView } from './page/sign-in-view.tsx'
import type { Where } from './page/where.ts'
import type { ComponentChildren } from 'preact'

/** What the server says of a request for a page. */
export interface PageRequest {
  /** Below the server's root, without a query: `dashboard/bots`; empty for the overview. */
  readonly path: string
  /** The address of the server's root as far as it is known there, with a slash at its end. */
  readonly server: string
  readonly query: Readonly<Record<string, string>>
  readonly viewer: Reader
  /** What its reader may do to a model, or to a tag of it. */
  readonly mayAt: (target: Target) => readonly string[]
  readonly version: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly assets: AssetNames
  readonly api: Api
}

export interface RenderedPage {
  readonly status: number
  readonly html: string
}

/** Draws a page as the server sends it: whole without a script, and with all that the script needs to go on. */
export async function renderPage(request: PageRequest): Promise<RenderedPage> {
  const { path, query, version, now, api } = request
  const found = findPage(PAGES, path, query)
  const root = rootOf(path)
  if (found === undefined) {
    return renderProblem(request, new ApiProblem(404, { code: 'not-found', title: 'There is no such page.' }))
  }
  const { page, where } = found
  let data: unknown
  try {
    data = await page.load(api, where, request.viewer)
  } catch (error) {
    if (error instanceof ApiProblem) return renderProblem(request, error)
    throw error
  }
  const viewer = viewerOf(request, page.targets?.(data) ?? targetsOf(where))
  const boot: Boot = { path, query, root, viewer, version, now, data }
  return {
    status: 200,
    html: documentOf(
      { ...request, viewer },
      `${page.title(data, where)} · Slipway`,
      bootJson(boot),
      <Frame menu={page.menu}>{page.view(data, where)}</Frame>,
    ),
  }
}

/** The page on which a token is given. @param next Where to go then, below the server's root. */
export function renderSignIn(
  request: Omit<PageRequest, 'api' | 'viewer' | 'mayAt'>,
  { next, refused }: { next: string; refused: string | null },
): string {
  const view = <SignInView next={next} refused={refused} version={request.version} />
  return documentOf({ ...request, viewer: NOBODY }, 'Sign in · Slipway', null, view)
}

function renderProblem(request: PageRequest, problem: ApiProblem): RenderedPage {
  const view = (
    <Frame menu={null}>
      <ProblemView status={problem.status} message={problem.message} />
    </Frame>
  )
  const described = { ...request, viewer: viewerOf(request, []) }
  return { status: problem.status, html: documentOf(described, 'Not shown · Slipway', null, view) }
}

function documentOf(
  {
    path,
    server,
    viewer,
    version,
    now,
    assets,
  }: Omit<PageRequest, 'api' | 'mayAt' | 'viewer'> & { viewer: Viewer },
  title: string,
  boot: string | null,
  content: ComponentChildren,
): string {
  const root = rootOf(path)
  const context = {
    root,
    server,
    viewer,
    version,
    now: signal(now),
    isAwake: signal(false),
    liveness: signal({ kind: 'asleep' as const }),
    api: null,
    confirm: () => undefined,
  }
  const html = renderToString(
    <Document title={title} root={root} assets={assets} boot={boot}>
      <PageContextProvider value={context}>{content}</PageContextProvider>
    </Document>,
  )
  return `<!doctype html>${html}`
}

/** Who looks at a page, with what they may do to each of what it is about, where that is more than to everything. */
function viewerOf({ viewer, mayAt }: PageRequest, targets: readonly Target[]): Viewer {
  const more = targets
    .map((target) => [targetKey(target), mayAt(target)] as const)
    .filter(([, may]) => may.length > viewer.may.length)
  return { ...viewer, mayAt: Object.fromEntries(more) }
}

/** What the address of a page is about. */
function targetsOf({ params: { model, tag } }: Where): Target[] {
  if (model === undefined) return []
  return tag === undefined ? [{ model }] : [{ model }, { model, tag }]
}

/** Leads from a page to the server's root, wherever a proxy or an application has put that. */
function rootOf(path: string): string {
  const depth = path.split('/').length - 1
  return depth === 0 ? './' : '../'.repeat(depth)
}

export { ApiProblem }
