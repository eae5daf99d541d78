import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { checkout } from './run-command.ts'

/** What a file of tests took, hooks included. */
export interface TestCost {
  /** By the clock. */
  readonly seconds: number
  /** Of the processors, as `processorSeconds` counts them. */
  readonly processorSeconds: number
}

/** By the file's path in the checkout. */
export type TestCosts = Readonly<Record<string, TestCost>>

/** So many of the dearest are named. */
const MOST_NAMED = 20

/** Where no run has measured anything yet, these are taken for the longest: they start servers, browsers and other programs. */
const LONG_BY_NATURE = /^test\/(?:e2e|packaging|dashboard|doctor|upkeep|client)\//

/** The longest first, so that no process is left with one when the others have nothing more to do; new ones before all. */
export function longestFirst(files: readonly string[], costs: TestCosts): string[] {
  const known = (file: string): number =>
    costs[file]?.seconds ?? (LONG_BY_NATURE.test(file) ? Infinity : Number.MAX_VALUE)
  return files.toSorted((one, other) => {
    if (known(one) === known(other)) return one < other ? -1 : 1
    return known(other) > known(one) ? 1 : -1
  })
}

/** Reads what test/support/hooks.ts has noted: a line for each file. @param checkout What its paths are relative to. */
export function parseCosts(text: string, checkout: string): TestCosts {
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [file = '', seconds, processorSeconds] = line.split('\t')
      const cost = { seconds: Number(seconds), processorSeconds: Number(processorSeconds) }
      return [path.relative(checkout, file), cost] as const
    }),
  )
}

/** The files that took most of the processors' time, each in a line. */
export function describeDearest(costs: TestCosts): string[] {
  const all = Object.entries(costs).toSorted(
    ([, one], [, other]) => other.processorSeconds - one.processorSeconds,
  )
  const sum = all.reduce((total, [, { processorSeconds }]) => total + processorSeconds, 0)
  return all.length === 0
    ? []
    : [
        `dearest of ${all.length} files, which took ${Math.round(sum)} s of the processors:`,
        ...all
          .slice(0, MOST_NAMED)
          .map(
            ([file, { seconds, processorSeconds }]) =>
              `  ${processorSeconds.toFixed(1).padStart(6)} s in ${seconds.toFixed(1).padStart(6)} s  ${file}`,
          ),
      ]
}

/** What earlier runs on this machine took; nothing where there were none. */
export async function rememberedCosts(): Promise<TestCosts> {
  try {
    return JSON.parse(await readFile(memoryFile(), 'utf8')) as TestCosts
  } catch {
    return {}
  }
}

/** Keeps what a run took, for the next, and nothing of files that are gone. */
export async function rememberCosts(costs: TestCosts): Promise<void> {
  const file = memoryFile()
  await mkdir(path.dirname(file), { recursive: true })
  const known = Object.entries({ ...(await rememberedCosts()), ...costs })
  const kept = known.filter(([name]) => existsSync(path.join(checkout, name)))
  await writeFile(`${file}.${process.pid}`, JSON.stringify(Object.fromEntries(kept)))
  await rename(`${file}.${process.pid}`, file)
}

function memoryFile(): string {
  return path.join(cacheFolder(), 'test-costs.json')
}
