import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import { ALL_PROXIES } from '../support/proxies/all-proxies.ts'
import type { Proxy } from '../support/proxies/proxy.ts'
import { versionOf } from '../support/proxies/start-proxy.ts'
import { runCell, type Cell } from './matrix-cell.ts'
import { withMatrix } from './matrix-page.ts'

/** Cells at a time: they wait more than they work. */
const AT_ONCE = 3

const checkout = path.resolve(import.meta.dirname, '../..')
const named = process.argv.slice(2).map((name) => name.toLowerCase())
const chosen = ALL_PROXIES.filter(({ name }) => named.length === 0 || named.includes(name.toLowerCase()))
const versions = chosen.map((proxy) => ({ proxy, version: versionOf(proxy) }))
const missing = versions.filter(({ version }) => version === undefined)
for (const { proxy } of missing) say(`${proxy.name} is not installed: run scripts/services`)

const { url, stop } = await startServer()
try {
  const todo = versions
    .filter(({ version }) => version !== undefined)
    .flatMap(({ proxy }) => Object.keys(proxy.variants).map((variant) => ({ proxy, variant })))
  const cells: Cell[] = []
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(todo, cells)))
  cells.sort((one, other) => order(one) - order(other))
  if (named.length === 0 && missing.length === 0) {
    const guide = path.join(checkout, 'docs/proxies.md')
    const shown = versions.map(({ proxy, version }) => `${proxy.name} ${version ?? ''}`)
    const today = new Date().toISOString().slice(0, 10)
    await writeFile(guide, withMatrix(await readFile(guide, 'utf8'), cells, shown, today))
    say(`docs/proxies.md: ${cells.length} rows`)
  }
  const wrong = cells.filter(({ doctorSays, botFailed }) => doctorSays !== (botFailed === undefined))
  for (const { proxy, variant } of wrong) say(`doctor and bot do not agree: ${proxy}, ${variant}`)
} finally {
  await stop()
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function work(todo: { proxy: Proxy; variant: string }[], cells: Cell[]): Promise<void> {
  for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
    const cell = await runCell(next.proxy, next.variant, url)
    cells.push(cell)
    say(JSON.stringify(cell))
  }
}

function order({ proxy, variant }: Cell): number {
  const at = ALL_PROXIES.findIndex(({ name }) => name === proxy)
  return at * 100 + Object.keys(ALL_PROXIES[at]?.variants ?? {}).indexOf(variant)
}

async function startServer(): Promise<{ url: URL; stop: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-proxies-'))
  const port = await freePort()
  const env = {
    PATH: process.env['PATH'],
    DATA_DIR: path.join(folder, 'data'),
    MODELS_DIR: path.join(folder, 'models'),
  }
  const child = spawn(process.execPath, [path.join(checkout, 'server/main.ts')], {
    env: { ...env, PORT: String(port), LOG_LEVEL: 'error' },
    stdio: 'ignore',
  })
  const closed = once(child, 'close')
  const base = new URL(`http://127.0.0.1:${port}`)
  while ((await fetch(new URL('/readyz', base)).catch(() => undefined))?.ok !== true) {
    if (child.exitCode !== null) throw new Error('the server did not start')
    await wait(100)
  }
  return {
    url: base,
    stop: async () => {
      child.kill('SIGTERM')
      await closed
      await rm(folder, { recursive: true, force: true })
    },
  }
}
