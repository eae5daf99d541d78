import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
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

  it('installs once where two start at the same time', async () => {
    const folder = await temporaryDirectory()
    await mkdir(path.join(folder, 'scripts'))
    await mkdir(path.join(folder, 'bin'))
    await copyFile(SET_UP, path.join(folder, 'scripts/set-up.bash'))
    await writeFile(path.join(folder, 'package-lock.json'), '{}')
    const npm = path.join(folder, 'bin/npm')
    await writeFile(
      npm,
      '#!/bin/bash\necho begun >>npm.log\nsleep 0.3\nmkdir -p node_modules\ntouch node_modules/.package-lock.json\n',
    )
    await chmod(npm, 0o755)
    const both = await Promise.all([setUp(folder, path.dirname(npm)), setUp(folder, path.dirname(npm))])
    expect(both.map(({ code }) => code)).to.deep.equal([0, 0])
    expect(await readFile(path.join(folder, 'npm.log'), 'utf8')).to.equal('begun\n')
  })
})

/** @param programs A folder of programs that are found before others. */
async function setUp(checkout: string, programs = ''): Promise<{ code: number; error: string }> {
  const script = path.join(checkout, 'scripts/set-up.bash')
  return promisify(execFile)('bash', ['-c', 'set -e; . "$0"', script], {
    env: { ...process.env, PATH: `${programs}:${process.env['PATH'] ?? ''}` },
  }).then(
    ({ stderr }) => ({ code: 0, error: stderr }),
    (error: unknown) => {
      const { code, stderr } = error as { code: number; stderr: string }
      return { code, error: stderr }
    },
  )
}
