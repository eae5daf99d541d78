import { cp, readFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from '../checks/run-command.ts'

/** What of each package is never run here: sources, documentation, and copies for other module systems and versions. */
const UNUSED: Record<string, RegExp> = {
  undici: /^(?:docs|types|scripts)\b/,
  yaml: /^browser\b/,
  zod: /^(?:src|v3|mini|v4-mini|v4\/mini|locales)\b|\.cjs$/,
}

/** Declarations, maps and texts for people; licences stay. */
const UNUSED_EVERYWHERE = /\.(?:[cm]?ts|map|md|markdown)$/i

/** Copies packages, and all that they depend on, into the `node_modules` of a folder. */
export async function bundle(names: readonly string[], folder: string): Promise<void> {
  const waiting = names.map((name) => ({ name, from: checkout }))
  const versions = new Map<string, string>()
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { name, from } = next
    const { source, version, dependencies } = await findPackage(name, from)
    const known = versions.get(name)
    if (known === version) continue
    if (known !== undefined)
      throw new Error(`Two versions of ${name} would be bundled: ${known} and ${version}`)
    versions.set(name, version)
    await cp(source, path.join(folder, 'node_modules', name), {
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

/** Finds a package as Node does: in the nearest `node_modules` that has it. */
async function findPackage(
  name: string,
  from: string,
): Promise<{ source: string; version: string; dependencies: string[] }> {
  for (let folder = from; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const source = path.join(folder, 'node_modules', name)
    const text = await readFile(path.join(source, 'package.json'), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const { version, dependencies = {} } = JSON.parse(text) as {
      version: string
      dependencies?: Record<string, string>
    }
    return { source, version, dependencies: Object.keys(dependencies) }
  }
  throw new Error(`${name} is not installed: run scripts/package, which installs it`)
}
