import path from 'node:path'
import { runCommand } from '../checks/run-command.ts'

/**
 * Packs a folder as `npm publish` would.
 *
 * @returns The path of the archive.
 */
export async function pack(folder: string, target: string): Promise<string> {
  const { succeeded, output } = await runCommand([
    'npm',
    'pack',
    folder,
    '--pack-destination',
    target,
    '--ignore-scripts',
    '--silent',
  ])
  const name = output.trim().split('\n').at(-1)
  if (!succeeded || !name?.endsWith('.tgz')) throw new Error(`npm pack failed:\n${output}`)
  return path.join(target, name)
}
