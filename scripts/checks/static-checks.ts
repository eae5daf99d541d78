import path from 'node:path'
import { keptFolder } from './cache-folder.ts'
import { checkout, runCommand } from './run-command.ts'
import type { Tally } from './tally.ts'

interface Check {
  readonly name: string
  readonly command: readonly string[]
}

/**
 * Checks without running the project, two at a time and behind whatever else runs here, shows the output of those that fail, and counts each as one.
 *
 * @param options.long Whether files are linted that are as they were when they were linted last, too: their imports may have
 * changed, and with these what the rules know of types.
 */
export async function runStaticChecks(tally: Tally, { long }: { long: boolean }): Promise<void> {
  const kept = await keptFolder()
  if (!long)
    tally.shortForms.push('lint: files that did not change since they were linted here are not read again')
  // Slowest first, so that two at a time end together.
  await runChecks(tally, [
    { name: 'lint', command: lint('.', ...(long ? [] : cacheOf('eslint', kept))) },
    ...types(kept),
    { name: 'check-format', command: format('.', ...cacheOf('prettier', kept)) },
    ...['imports', 'unused', 'vulnerabilities', 'licences'].map(inPackage),
  ])
}

/** As {@link runStaticChecks}, of some files as far as a check can be: types and imports are checked as a whole. */
export async function runChecksOf(tally: Tally, files: readonly string[]): Promise<void> {
  const kept = await keptFolder()
  const linted = files.filter((file) => /\.(ts|js|mjs|cjs)$/.test(file))
  await runChecks(tally, [
    ...(linted.length > 0 ? [{ name: 'lint', command: lint('--no-warn-ignored', ...linted) }] : []),
    ...types(kept),
    ...(files.length > 0 ? [{ name: 'check-format', command: format('--ignore-unknown', ...files) }] : []),
    inPackage('imports'),
  ])
}

function inPackage(name: string): Check {
  return { name, command: ['npm', 'run', '--silent', name] }
}

function lint(...parameters: string[]): string[] {
  return ['eslint', '--max-warnings=0', ...parameters]
}

function format(...parameters: string[]): string[] {
  return ['prettier', '--check', '--log-level=warn', ...parameters]
}

/** The compiler looks anew at what changed and at what imports that: it keeps what it found, and is right about it. */
function types(kept: string): Check[] {
  return [
    ['types', '.'],
    ["the dashboard's types", 'dashboard'],
  ].map(([name = '', project = '']) => {
    const information = path.join(kept, `${path.basename(path.resolve(checkout, project))}.tsbuildinfo`)
    return {
      name,
      command: ['tsc', '--project', project, '--noEmit', '--incremental', '--tsBuildInfoFile', information],
    }
  })
}

/** By what is in files: a fresh checkout has other dates. */
function cacheOf(tool: string, kept: string): string[] {
  return ['--cache', '--cache-strategy', 'content', '--cache-location', path.join(kept, tool)]
}

async function runChecks(tally: Tally, checks: readonly Check[]): Promise<void> {
  const waiting = [...checks]
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const { name, command } = check
      const { succeeded, output, seconds } = await runCommand(['nice', '-n', '10', ...command])
      console.log(`${succeeded ? 'passed' : 'FAILED'}: ${name}, ${seconds.toFixed(1)} s`)
      if (succeeded) tally.passed += 1
      else {
        tally.failed.push(name)
        console.log(output)
      }
    }
  }
  await Promise.all([work(), work()])
}
