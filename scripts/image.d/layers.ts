import { chmod, copyFile, cp, mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout, runCommand } from '../checks/run-command.ts'
import { bundle } from '../package.d/bundle.ts'
import { compile } from '../package.d/compile.ts'
import { readCheckout, writeManifest } from '../package.d/manifest.ts'

/** Folders of files, each a layer, in the order in which they lie on each other: what changes least comes first. */
export const LAYERS = [
  { name: 'system', owner: 0 },
  { name: 'app', owner: 0 },
  { name: 'writable', owner: 10001 },
] as const

/** Writes the files of all layers. @param compiled Where the program lies compiled; undefined: it is compiled now. */
export async function writeLayers(target: string, compiled?: string): Promise<void> {
  await writeSystem(path.join(target, 'system'))
  await writeApp(path.join(target, 'app/app'), compiled)
  for (const name of ['data', 'models', 'tmp']) {
    await mkdir(path.join(target, 'writable', name), { recursive: true, mode: 0o750 })
  }
}

/** Node, the libraries that it is linked with, and one user. */
async function writeSystem(root: string): Promise<void> {
  const node = path.join(root, 'usr/bin/node')
  await mkdir(path.dirname(node), { recursive: true })
  await copyFile(await realpath(process.execPath), node)
  await chmod(node, 0o755)
  for (const library of await librariesOf(process.execPath)) {
    const copy = path.join(root, library)
    await mkdir(path.dirname(copy), { recursive: true })
    await copyFile(await realpath(library), copy)
    await chmod(copy, 0o755)
  }
  await mkdir(path.join(root, 'etc'))
  await writeFile(path.join(root, 'etc/passwd'), 'root:x:0:0::/:/none\nslipway:x:10001:10001::/data:/none\n')
  await writeFile(path.join(root, 'etc/group'), 'root:x:0:\nslipway:x:10001:\n')
}

/** What the dynamic linker loads for a program, by the paths at which it looks for it. */
async function librariesOf(program: string): Promise<string[]> {
  const { succeeded, output } = await runCommand(['ldd', program])
  const libraries = [...output.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library = '']) => library)
  if (!succeeded || libraries.length === 0) {
    throw new Error(`Cannot tell which libraries ${program} needs (is this Linux with glibc?):\n${output}`)
  }
  return libraries
}

async function writeApp(root: string, compiled: string | undefined): Promise<void> {
  await mkdir(root, { recursive: true })
  if (compiled === undefined) await compile(root)
  else await cp(compiled, root, { recursive: true })
  const { dependencies } = await readCheckout()
  await bundle(Object.keys(dependencies), root)
  await rm(path.join(root, 'node_modules/better-sqlite3/prebuilds'), { recursive: true })
  const prebuilt = `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`
  await mkdir(path.join(root, path.dirname(prebuilt)))
  await cp(path.join(checkout, prebuilt), path.join(root, prebuilt))
  await writeManifest(root, { name: 'slipway', description: 'A model repository for Rasa.', private: true })
}
