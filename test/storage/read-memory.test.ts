import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('reading eight large objects at once from files', () => {
  it('costs at most 60 MB over idle', async () => {
    const root = await temporaryDirectory()
    await writeFile(path.join(root, 'large'), '')
    await truncate(path.join(root, 'large'), 300_000_000)
    const script = path.join(import.meta.dirname, 'eight-reads-program.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script, root, 'large'])
    expect(Number(stdout)).to.be.below(60_000_000)
  })
})
