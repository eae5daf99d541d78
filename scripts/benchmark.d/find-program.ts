import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** The path of a program; Debian keeps nginx where only root's PATH looks. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => path.join(folder, name)).find(isExecutable)
}

/** @throws Error that says which package brings it. */
export function requireProgram(name: string, debianPackage: string): string {
  const found = findProgram(name)
  if (found === undefined) {
    throw new Error(
      `${name} is not installed; on Debian: apt-get install --no-install-recommends ${debianPackage}`,
    )
  }
  return found
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
