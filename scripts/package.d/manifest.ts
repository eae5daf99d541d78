import { copyFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from '../checks/run-command.ts'

/** The package.json of this checkout, as far as the packages take over from it. */
export interface Checkout {
  version: string
  license: string
  engines: Record<string, string>
  dependencies: Record<string, string>
}

export async function readCheckout(): Promise<Checkout> {
  return JSON.parse(await readFile(path.join(checkout, 'package.json'), 'utf8')) as Checkout
}

/** Writes package.json, and the licence beside it. */
export async function writeManifest(folder: string, manifest: Record<string, unknown>): Promise<void> {
  const { version, license, engines } = await readCheckout()
  const { name, description, ...rest } = manifest
  const all = { name, version, description, license, type: 'module', engines, ...rest }
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(all, null, 2)}\n`)
  await copyFile(path.join(checkout, 'LICENSE'), path.join(folder, 'LICENSE'))
}

/** Says in a written package.json which repository the package comes from: npm compares it with the provenance. */
export async function nameRepository(folder: string, url: string): Promise<void> {
  const file = path.join(folder, 'package.json')
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  const repository = { type: 'git', url }
  await writeFile(file, `${JSON.stringify({ ...manifest, repository }, null, 2)}\n`)
}

/** One entry of `exports`: a compiled module and its declarations. */
export function exported(module: string): { types: string; default: string } {
  return { types: `./${module}.d.ts`, default: `./${module}.js` }
}
