import { glob, stat } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from '../checks/run-command.ts'
import { buildDashboard } from './build-dashboard.ts'

/** What is built is made of these; a package that changed is a lockfile that changed. */
const SOURCES = [
  'dashboard/**/*.{ts,tsx,css}',
  'protocol/*.ts',
  'scripts/dashboard.d/*.ts',
  'package-lock.json',
]

/** Builds the dashboard where its sources are newer than what was built last. */
export async function ensureDashboard(): Promise<void> {
  const builtAt = await changedAt('dashboard/built/assets.json')
  for await (const file of glob(SOURCES, { cwd: checkout, exclude: ['dashboard/built/**'] })) {
    if ((await changedAt(file)) < builtAt) continue
    await buildDashboard()
    return
  }
}

/** When a file was written last, in milliseconds; the beginning of time where it is not there. */
async function changedAt(file: string): Promise<number> {
  const found = await stat(path.join(checkout, file)).catch(() => undefined)
  return found?.mtimeMs ?? -Infinity
}
