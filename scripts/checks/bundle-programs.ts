import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type OutputFile, type Plugin } from 'esbuild'
import { keptFolder } from './cache-folder.ts'
import { checkout } from './run-command.ts'

/** What tests start as programs, by their paths in the checkout. */
const PROGRAMS = [
  'server/main.ts',
  'client/cli/main.ts',
  'test/support/pull-program.ts',
  ...['backup', 'restore', 'migrate', 'create-admin-token'].map((tool) => `server/tools/${tool}.ts`),
]

/** Milliseconds for which what was bundled from earlier sources is kept: another run may still start programs of it. */
const KEPT_FOR = 2 * 3_600_000

const require = createRequire(path.join(checkout, 'package.json'))

/**
 * Joins the modules of each program to a few files: a server has 1,400 modules, whose loading is half of the processor time of
 * its start (1.1 s and 0.6 s, Node 24.21). Files that a program finds relative to its modules are those of the checkout.
 *
 * @returns The folder of the bundled programs, outside of the checkout: `server/main.ts` is `server/main.mjs` there. The same
 * sources have the same folder, so that Node finds there what it has compiled.
 */
export async function bundlePrograms(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: checkout,
    entryPoints: PROGRAMS,
    outbase: checkout,
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    // Names of classes are shown, and logged.
    keepNames: true,
    logLevel: 'warning',
    write: false,
    // CommonJS packages require the modules of Node.
    banner: {
      js: `import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);`,
    },
    plugins: [ownLocations, nativePackages, packagesLoadedLater],
  })
  const bundles = path.join(await keptFolder(), 'programs')
  await mkdir(bundles, { recursive: true })
  await removeOld(bundles)
  return keep(outputFiles, path.join(bundles, digestOf(outputFiles)))
}

/** A module of ours is told its place in the checkout, not that in the bundle. */
const ownLocations: Plugin = {
  name: 'own-locations',
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8'))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href))
        .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file))),
      loader: 'ts',
    }))
  },
}

/** Loads compiled code from its own folder: it stays there. */
const nativePackages: Plugin = {
  name: 'native-packages',
  setup(bundle) {
    bundle.onResolve({ filter: /^better-sqlite3$/ }, ({ path: name }) => ({
      path: pathToFileURL(require.resolve(name)).href,
      external: true,
    }))
  },
}

/** `await import('package')` has all names of a CommonJS package in Node, and only `default` of what esbuild makes of it. */
const packagesLoadedLater: Plugin = {
  name: 'packages-loaded-later',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^./]/ }, ({ path: name, kind, importer }) => {
      if (kind !== 'dynamic-import' || isBuiltin(name) || importer.includes('node_modules')) return undefined
      return { path: name, namespace: 'loaded-later' }
    })
    bundle.onLoad({ filter: /./, namespace: 'loaded-later' }, async ({ path: name }) => ({
      contents: exportsOf(name, Object.keys((await import(name)) as object)),
      resolveDir: checkout,
    }))
  },
}

/** A module that exports what Node finds in a package. @param names What it exports there. */
function exportsOf(name: string, names: readonly string[]): string {
  // Node adds this name to those of CommonJS modules.
  if (!names.includes('module.exports')) return `export * from '${name}'`
  const exported = names.filter((each) => /^[A-Za-z_$][\w$]*$/.test(each) && each !== 'default')
  return `import whole from '${name}'\nexport default whole\nexport const { ${exported.join(', ')} } = whole`
}

function digestOf(files: readonly OutputFile[]): string {
  const hash = createHash('sha256')
  for (const { path: name, contents } of files) hash.update(`${name}\0${contents.length}\0`).update(contents)
  return hash.digest('hex').slice(0, 16)
}

/** Writes the files where they are not there yet, all of them or none. @returns the folder */
async function keep(files: readonly OutputFile[], folder: string): Promise<string> {
  const now = new Date()
  const isThere = await utimes(folder, now, now).then(
    () => true,
    () => false,
  )
  if (isThere) return folder
  const scratch = `${folder}.${process.pid}`
  for (const { path: name, contents } of files) {
    await mkdir(path.dirname(path.join(scratch, name)), { recursive: true })
    await writeFile(path.join(scratch, name), contents)
  }
  try {
    await rename(scratch, folder)
  } catch (error) {
    // Another run of the same sources was faster.
    await rm(scratch, { recursive: true, force: true })
    await access(folder).catch(() => {
      throw error
    })
  }
  return folder
}

async function removeOld(bundles: string): Promise<void> {
  for (const name of await readdir(bundles)) {
    const folder = path.join(bundles, name)
    // Another run may have removed it meanwhile.
    const found = await stat(folder).catch(() => undefined)
    if (found !== undefined && found.mtimeMs < Date.now() - KEPT_FOR)
      await rm(folder, { recursive: true, force: true })
  }
}
