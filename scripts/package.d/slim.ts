import { glob, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { decode, encode } from '@jridgewell/sourcemap-codec'

/** A source map, as the compiler writes it beside a module. */
interface SourceMap {
  mappings: string
  sources: string[]
  sourcesContent?: string[]
}

/**
 * Takes out of a compiled folder what an installation can do without: declarations that the entry's own do not lead to, and
 * of source maps the copies of the sources and the columns, which take as much room as the code. Names and lines in stack traces stay right.
 *
 * @param entry The module whose declarations are public, without its extension.
 */
export async function slim(folder: string, entry: string): Promise<void> {
  const wanted = await declarationsFrom(path.join(folder, `${entry}.d.ts`))
  for await (const name of glob('**/*.d.ts', { cwd: folder })) {
    const file = path.join(folder, name)
    if (!wanted.has(file)) await rm(file)
  }
  for await (const name of glob('**/*.js.map', { cwd: folder })) {
    const file = path.join(folder, name)
    const map = JSON.parse(await readFile(file, 'utf8')) as SourceMap
    delete map.sourcesContent
    const lines = decode(map.mappings).map((segments) => segments.slice(0, 1))
    // Beside the module, as it is in the checkout, and not where the checkout lay on the machine that built the package.
    const sources = map.sources.map((source) => path.posix.basename(source))
    await writeFile(file, JSON.stringify({ ...map, sources, mappings: encode(lines) }))
  }
}

async function declarationsFrom(entry: string): Promise<Set<string>> {
  const found = new Set<string>()
  const waiting = [entry]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue
    found.add(file)
    const text = await readFile(file, 'utf8')
    for (const [, module = ''] of text.matchAll(/["'](\.{1,2}\/[^"']+)\.js["']/g)) {
      waiting.push(path.resolve(path.dirname(file), `${module}.d.ts`))
    }
  }
  return found
}
