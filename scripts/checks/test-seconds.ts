import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'

/** How many seconds each file of tests took, by its path in the checkout. */
export type TestSeconds = Readonly<Record<string, number>>

/** So many of the slowest are named. */
const MOST_NAMED = 10

/** The longest first, so that no process is left with one when the others have nothing more to do; new ones before all. */
export function longestFirst(files: readonly string[], seconds: TestSeconds): string[] {
  const known = (file: string): number => seconds[file] ?? Infinity
  return files.toSorted((one, other) => {
    if (known(one) === known(other)) return one < other ? -1 : 1
    return known(other) > known(one) ? 1 : -1
  })
}

/** Reads what test/support/hooks.ts has noted: a line for each file. @param checkout What its paths are relative to. */
export function parseSeconds(text: string, checkout: string): TestSeconds {
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [file = '', seconds = ''] = line.split('\t')
      return [path.relative(checkout, file), Number(seconds)] as const
    }),
  )
}

/** The slowest files, each in a line. */
export function describeSlowest(seconds: TestSeconds): string[] {
  const all = Object.entries(seconds).toSorted(([, one], [, other]) => other - one)
  const sum = all.reduce((total, [, each]) => total + each, 0)
  return all.length === 0
    ? []
    : [
        `slowest of ${all.length} files, which took ${Math.round(sum)} s one after the other:`,
        ...all.slice(0, MOST_NAMED).map(([file, each]) => `  ${each.toFixed(1).padStart(6)} s  ${file}`),
      ]
}

/** What earlier runs on this machine took; nothing where there were none. */
export async function rememberedSeconds(): Promise<TestSeconds> {
  try {
    return JSON.parse(await readFile(memoryFile(), 'utf8')) as TestSeconds
  } catch {
    return {}
  }
}

/** Keeps what a run took, for the next. */
export async function rememberSeconds(seconds: TestSeconds): Promise<void> {
  const file = memoryFile()
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(`${file}.${process.pid}`, JSON.stringify({ ...(await rememberedSeconds()), ...seconds }))
  await rename(`${file}.${process.pid}`, file)
}

/** Beside the services that scripts/services installs. */
function memoryFile(): string {
  const caches = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache')
  return path.join(process.env['TEST_CACHE'] ?? path.join(caches, 'slipway'), 'test-seconds.json')
}
