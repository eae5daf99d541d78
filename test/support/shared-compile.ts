import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { compile } from '../../scripts/package.d/compile.ts'
import { eventually } from './eventually.ts'
import { runFolder } from './run-folder.ts'

/** Some seconds on an idle machine, in milliseconds; on one that does other things it took four minutes. */
const LONGEST_COMPILE = 900_000

/** The program as it is packed, compiled once for all tests of this run: it takes as long as many of them. @returns its folder. */
export async function sharedCompile(): Promise<string> {
  const folder = path.join(runFolder(), 'compile')
  const compiled = path.join(folder, 'compiled')
  const failed = path.join(folder, 'failed')
  try {
    await mkdir(folder)
  } catch {
    // Another file of tests, in another process, compiles it.
    await eventually(
      'the program is compiled',
      async () => (await isThere(compiled)) || (await isThere(failed)),
      LONGEST_COMPILE,
    )
    if (await isThere(failed))
      throw new Error('Another file of tests could not compile the program, and says why')
    return compiled
  }
  try {
    await compile(`${compiled}.new`)
  } catch (error) {
    await writeFile(failed, '')
    throw error
  }
  await rename(`${compiled}.new`, compiled)
  return compiled
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
