import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { copyFileDurably } from '../../server/tools/backup/durable-file.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { skipTest } from '../support/skip-test.ts'
import { smallVolume } from '../support/small-volume.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('copying a file durably', () => {
  it('fails where the disk takes only a part of the last block', async function () {
    // The kernel writes what fits, and says how much that was: no error comes before the next write.
    const volume = (await smallVolume(1_536)) ?? skipTest(this, 'needs the right to mount')
    const source = path.join(await temporaryDirectory(), 'source')
    await writeFile(source, randomBytes(2 * 1024 * 1024))
    const error = await rejection(copyFileDurably(source, path.join(volume, 'copy'), 0o600))
    expect(error).to.have.property('code', 'ENOSPC')
  })
})
