import { access, mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { compile } from '../../scripts/package.d/compile.ts'
import { eventually } from './eventually.ts'
import { runFolder } from './run-folder.ts'

/** The program as it is packed, compiled once for all tests of this run: it takes as long as many of them. @returns its folder. */
export async function sharedCompile(): Promise<string> {
  const folder = path.join(runFolder(), 'compile')
  const compiled = path.join(folder, 'compiled')
  try {
    await mkdir(folder)
  } catch {
    // Another file of tests, in another process, compiles it.
    const isThere = () =>
      access(compiled).then(
        () => true,
        () => false,
      )
    await eventually('the program is compiled', isThere, 200_000)
    return compiled
  }
  await compile(`${compiled}.new`)
  await rename(`${compiled}.new`, compiled)
  return compiled
}
