import { execFile } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { migrations } from '../../server/catalog/migrations/index.ts'
import { skipTest } from './skip-test.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const run = promisify(execFile)

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

/** A program of an earlier version. */
interface EarlierProgram {
  /** Its server, as startServer takes it. */
  readonly main: string
  /** The last change that it knows of the catalog's tables. */
  readonly lastMigration: string
}

/**
 * The program as it was before the last change of the catalog's tables, from the history of this checkout, with the packages of today.
 * Without that history (an archive of the sources, a shallow clone, commits that were joined to one) the test is skipped and says so: CI
 * fetches all of it (.github/workflows/ci.yml).
 */
export async function earlierProgram(context: Mocha.Context): Promise<EarlierProgram> {
  const [before = '', last = ''] = Object.keys(migrations).slice(-2)
  const folder = await temporaryDirectory()
  try {
    // Oldest last: a file that was moved since was added before.
    const { stdout } = await git('log', '--diff-filter=A', '--format=%H', '--', `:(glob)server/**/${last}.ts`)
    const added = stdout.trim().split('\n').at(-1) ?? ''
    const archive = path.join(folder, 'archive.tar')
    await git('archive', `--output=${archive}`, `${added}^`)
    await run('tar', ['-xf', archive, '-C', folder])
  } catch {
    skipTest(context, 'the history of this checkout is not here: git fetch --unshallow')
  }
  await symlink(path.join(CHECKOUT, 'node_modules'), path.join(folder, 'node_modules'))
  return { main: path.join(folder, 'server/main.ts'), lastMigration: before }
}

/** Also as root in the checkout of somebody else, as which containers of CI run. */
function git(...args: string[]) {
  return run('git', ['-c', 'safe.directory=*', '-C', CHECKOUT, ...args])
}
