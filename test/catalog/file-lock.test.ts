import { expect } from 'chai'
import { chown, stat } from 'node:fs/promises'
import path from 'node:path'
import { takeFileLock } from '../../server/catalog/sqlite/file-lock.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('a lock by a file', () => {
  it('that root takes beside the data of a service belongs to the service, which must open it later', async () => {
    const folder = await temporaryDirectory()
    // Without root's rights the folder is this user's, and so is the file.
    if (process.getuid?.() === 0) await chown(folder, 10_001, 10_001)
    const file = path.join(folder, 'backup.lock')
    takeFileLock(file)?.release()
    expect((await stat(file)).uid).to.equal((await stat(folder)).uid)
  })

  it('is had by one at a time', async () => {
    const file = path.join(await temporaryDirectory(), 'some.lock')
    const first = takeFileLock(file)
    expect(takeFileLock(file)).to.equal(undefined)
    first?.release()
    const second = takeFileLock(file)
    expect(second).not.to.equal(undefined)
    second?.release()
  })
})
