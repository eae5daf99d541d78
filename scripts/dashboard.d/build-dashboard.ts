import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { checkout } from '../checks/run-command.ts'

/** Packages whose code is in what is built: their licences ask for their text to go along. */
const BUNDLED = ['uplot', 'preact', '@preact/signals', '@preact/signals-core', 'preact-render-to-string']

const SHARED: BuildOptions = {
  bundle: true,
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
  absWorkingDir: checkout,
}

/**
 * Builds the dashboard into a folder: `render.js` for the server, `assets/` for browsers, and `assets.json`, which names the
 * files that a page loads. It takes well under a second.
 *
 * @param target Replaced as a whole, when everything is built.
 */
export async function buildDashboard(target = path.join(checkout, 'dashboard/built')): Promise<void> {
  const scratch = `${target}.${process.pid}`
  await mkdir(scratch, { recursive: true })
  try {
    const names = await buildAssets(path.join(scratch, 'assets'))
    await build({
      ...SHARED,
      entryPoints: ['dashboard/render.tsx'],
      outfile: path.join(scratch, 'render.js'),
      platform: 'node',
      target: 'node22',
    })
    await writeFile(path.join(scratch, 'package.json'), '{"type": "module"}\n')
    await writeFile(path.join(scratch, 'LICENSES'), await licences())
    await writeFile(path.join(scratch, 'assets.json'), JSON.stringify(names))
    await replaceFolder(scratch, target)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function buildAssets(folder: string): Promise<{ script: string; style: string }> {
  const { metafile } = await build({
    ...SHARED,
    entryPoints: { page: 'dashboard/browser.tsx', style: 'dashboard/style/style.css' },
    entryNames: '[name]-[hash]',
    // What few pages need is loaded by those alone.
    splitting: true,
    chunkNames: 'part-[hash]',
    outdir: folder,
    minify: true,
    metafile: true,
    platform: 'browser',
    // What the style sheet needs, too: light-dark() and nesting.
    target: ['chrome123', 'firefox121', 'safari17.5'],
  })
  const built = Object.keys(metafile.outputs).map((file) => path.basename(file))
  const named = (beginning: string, end: string): string => {
    const name = built.find((file) => file.startsWith(beginning) && file.endsWith(end))
    if (name === undefined) throw new Error(`esbuild wrote no ${beginning}…${end}`)
    return name
  }
  return { script: named('page-', '.js'), style: named('style-', '.css') }
}

async function licences(): Promise<string> {
  const texts = await Promise.all(
    BUNDLED.map(async (name) => {
      const text = await readFile(path.join(checkout, 'node_modules', name, 'LICENSE'), 'utf8')
      return `${name}\n\n${text}`
    }),
  )
  return texts.join('\n\n----\n\n')
}

/** Two may build at a time: whoever ends last leaves what was built whole. */
async function replaceFolder(scratch: string, target: string): Promise<void> {
  const old = `${scratch}.old`
  await rename(target, old).catch(() => undefined)
  await rename(scratch, target).catch(async (error: unknown) => {
    // Another one was faster.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  })
  await rm(old, { recursive: true, force: true })
}
