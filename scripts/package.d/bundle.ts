import { cp, readFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from '../checks/run-command.ts'

/** What of each package is never run here: sources, documentation, and copies for other module systems and versions. */
const UNUSED: Record<string, RegExp> = {
  // Formats of Sigstore that no bundle holds; nothing of what is run here requires them.
  '@sigstore/protobuf-specs':
    /^dist\/__generated__\/(?:google\/(?:api|protobuf\/descriptor)|events|sigstore_monitor)\b/,
  'better-sqlite3': /^(?:deps|src)\b/,
  undici: /^(?:docs|types|scripts)\b/,
  yaml: /^browser\b/,
  zod: /^(?:src|v3|mini|v4-mini|v4\/mini|locales)\b|\.cjs$/,
}

/** Declarations, maps, tests, and texts for people; licences stay. */
const UNUSED_EVERYWHERE =
  /\.(?:[cm]?ts|map|md|markdown)$|(?:^|\/)(?:tests?|__tests__|benchmarks?)(?:\/|$)|\.test\.[cm]?js$/i

/** Copies packages, and all that they depend on, into the `node_modules` of a folder, each where Node will look for it. */
export async function bundle(names: readonly string[], folder: string): Promise<void> {
  const waiting = names.map((name) => ({ name, from: checkout }))
  const copied = new Set<string>()
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { name } = next
    const found = await findPackage(next)
    if (found === undefined || copied.has(found.source)) continue
    const { source, dependencies } = found
    copied.add(source)
    await cp(source, path.join(folder, path.relative(checkout, source)), {
      recursive: true,
      filter: (file) => isUsed(name, path.relative(source, file)),
    })
    waiting.push(...dependencies.map((dependency) => ({ name: dependency, from: source })))
  }
}

function isUsed(name: string, file: string): boolean {
  return (
    !UNUSED_EVERYWHERE.test(file) && UNUSED[name]?.test(file) !== true && !file.startsWith('node_modules')
  )
}

/**
 * Finds a package as Node does: in the nearest `node_modules` that has it.
 *
 * @returns undefined where it is not installed, as what is optional may be.
 */
async function findPackage({
  name,
  from,
}: {
  name: string
  from: string
}): Promise<{ source: string; dependencies: string[] } | undefined> {
  for (let folder = from; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const source = path.join(folder, 'node_modules', name)
    const text = await readFile(path.join(source, 'package.json'), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(text) as {
      dependencies?: Record<string, string>
      optionalDependencies?: Record<string, string>
    }
    return { source, dependencies: Object.keys({ ...dependencies, ...optionalDependencies }) }
  }
  return undefined
}
