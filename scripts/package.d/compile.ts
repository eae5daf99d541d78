import { cp, glob, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout, runCommand } from '../checks/run-command.ts'
import { buildDashboard } from '../dashboard.d/build-dashboard.ts'

/**
 * Compiles what the packages hold into a folder: JavaScript, declarations and source maps. The class for Rasa itself, in
 * Python, and the dashboard go along.
 *
 * @throws Error with what the compiler says.
 */
export async function compile(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const { succeeded, output } = await runCommand([
    'tsc',
    '--project',
    'tsconfig.build.json',
    '--outDir',
    folder,
  ])
  if (!succeeded) throw new Error(`The packages cannot be compiled:\n${output}`)
  for await (const name of glob('**/*.d.ts', { cwd: folder })) await rewriteImports(path.join(folder, name))
  await buildDashboard(path.join(folder, 'dashboard/built'))
  await cp(path.join(checkout, 'client/rasa'), path.join(folder, 'client/rasa'), { recursive: true })
}

/** The compiler rewrites `.ts` in what it imports (rewriteRelativeImportExtensions) in JavaScript only. */
async function rewriteImports(declarations: string): Promise<void> {
  const text = await readFile(declarations, 'utf8')
  await writeFile(
    declarations,
    text.replaceAll(/((?:from|import\() ?["']\.{1,2}\/[^"']+)\.ts(?=["'])/g, '$1.js'),
  )
}
