import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Asset, Dashboard } from '../http/pages/dashboard.ts'

/** Where scripts/dashboard.d puts what it builds: in a checkout as in a package. */
const BUILT = fileURLToPath(new URL('../../dashboard/built/', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Loads what draws the pages when it is first asked for: most servers never are. @returns undefined where it was not built */
export function dashboardWhenAsked(folder = BUILT): () => Promise<Dashboard | undefined> {
  let loading: Promise<Dashboard | undefined> | undefined
  return () => {
    loading ??= loadDashboard(folder)
    loading.catch(() => {
      loading = undefined
    })
    return loading
  }
}

async function loadDashboard(folder: string): Promise<Dashboard | undefined> {
  const names = await readFile(path.join(folder, 'assets.json'), 'utf8').catch(() => undefined)
  if (names === undefined) return undefined
  const drawing = (await import(path.join(folder, 'render.js'))) as Pick<
    Dashboard,
    'renderPage' | 'renderSignIn' | 'ApiProblem'
  >
  const { renderPage, renderSignIn, ApiProblem } = drawing
  return {
    renderPage,
    renderSignIn,
    ApiProblem,
    assetNames: JSON.parse(names) as Dashboard['assetNames'],
    assets: await readAssets(path.join(folder, 'assets')),
  }
}

async function readAssets(folder: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>()
  for (const name of await readdir(folder)) {
    const bytes = await readFile(path.join(folder, name))
    const type = TYPES[path.extname(name)] ?? 'application/octet-stream'
    assets.set(name, { type, bytes, gzipped: await promisify(gzip)(bytes) })
  }
  return assets
}
