import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const SET_UP = path.resolve(import.meta.dirname, '../../scripts/set-up.bash')

describe('setting a checkout up', () => {
  it('does not install into packages that are shared through a link', async () => {
    const folder = await temporaryDirectory()
    const shared = path.join(folder, 'shared')
    const checkout = path.join(folder, 'checkout')
    await mkdir(shared)
    await writeFile(path.join(shared, 'a package'), '')
    await mkdir(path.join(checkout, 'scripts'), { recursive: true })
    await copyFile(SET_UP, path.join(checkout, 'scripts/set-up.bash'))
    await writeFile(path.join(checkout, 'package.json'), '{"name": "a", "version": "1.0.0"}')
    await writeFile(
      path.join(checkout, 'package-lock.json'),
      '{"name": "a", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "a", "version": "1.0.0"}}}',
    )
    await symlink(shared, path.join(checkout, 'node_modules'))
    const { code, error } = await setUp(checkout)
    expect([code, await readdir(shared)]).to.deep.equal([1, ['a package']])
    expect(error).to.include(`it is a link to ${shared}`).and.include('Remove the link')
  })
})

async function setUp(checkout: string): Promise<{ code: number; error: string }> {
  const script = path.join(checkout, 'scripts/set-up.bash')
  return promisify(execFile)('bash', ['-c', 'set -e; . "$0"', script], { env: process.env }).then(
    ({ stderr }) => ({ code: 0, error: stderr }),
    (error: unknown) => {
      const { code, stderr } = error as { code: number; stderr: string }
      return { code, error: stderr }
    },
  )
}
