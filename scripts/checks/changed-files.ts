import { existsSync } from 'node:fs'
import path from 'node:path'
import { checkout, runCommand } from './run-command.ts'

/** The files that differ from the branch `main`, committed or not, but for those that were deleted. */
export async function changedFiles(): Promise<string[]> {
  const base = await git('merge-base', 'HEAD', await mainBranch())
  const changed = await git('diff', '--name-only', '--diff-filter=d', base.trim())
  const added = await git('ls-files', '--others', '--exclude-standard')
  const names = `${changed}\n${added}`.split('\n').filter((name) => name !== '')
  return [...new Set(names)].filter((name) => existsSync(path.join(checkout, name)))
}

/** `origin/main` in a clone; a checkout without one has `main` itself. */
async function mainBranch(): Promise<string> {
  const { succeeded } = await runCommand(['git', 'rev-parse', '--verify', '--quiet', 'origin/main'])
  return succeeded ? 'origin/main' : 'main'
}

async function git(...parameters: string[]): Promise<string> {
  const { succeeded, output } = await runCommand(['git', ...parameters])
  if (!succeeded) throw new Error(`git ${parameters.join(' ')} failed: ${output}`)
  return output
}

/**
 * The tests of some files: those among them, and those that mirror a source file, in the same folder below `test/` with the
 * server's own folder left out: `server/releases/rollback.ts` has `test/releases/rollback.test.ts`.
 *
 * @param isThere Whether a file exists.
 */
export function testsOf(files: readonly string[], isThere: (file: string) => boolean): string[] {
  const tests = files.flatMap((file) => {
    if (file.endsWith('.test.ts')) return [file]
    const mirror = `test/${file.replace(/^server\//, '')}`.replace(/\.ts$/, '.test.ts')
    return file.endsWith('.ts') && isThere(mirror) ? [mirror] : []
  })
  return [...new Set(tests)].sort()
}
