import { expect } from 'chai'
import { readFile, symlink } from 'node:fs/promises'
import path from 'node:path'
import { syncFile } from '../../client/install/durable.ts'
import { replaceFile } from '../../storage/filesystem/replace-file.ts'
import { openFilesUnder } from '../support/open-files-under.ts'
import { skipTest } from '../support/skip-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('a durable write', () => {
  // Writing to /dev/full fails with ENOSPC, and it cannot be synced (EINVAL).
  it('that fails leaves no descriptor open, and the old text in place', async function () {
    if (process.platform !== 'linux') skipTest(this, 'needs /dev/full and /proc')
    const file = path.join(await temporaryDirectory(), 'state.json')
    await replaceFile(file, 'old')
    await symlink('/dev/full', `${file}.new`)
    expect(await codeOf(replaceFile(file, 'new'))).to.equal('ENOSPC')
    expect(await readFile(file, 'utf8')).to.equal('old')
    expect(await openFilesUnder('/dev/full')).to.deep.equal([])
  })

  it('that cannot be synced leaves no descriptor open', async function () {
    if (process.platform !== 'linux') skipTest(this, 'needs /dev/full and /proc')
    expect(await codeOf(syncFile('/dev/full'))).to.equal('EINVAL')
    expect(await openFilesUnder('/dev/full')).to.deep.equal([])
  })
})

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  )
}
