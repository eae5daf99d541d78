import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { CurrentFile, readCurrentFile } from '../../../server/composition/opening/current-file.ts'
import { CurrentReleases } from '../../../server/releases/current-releases.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const SHOP = { model: 'shop', defaultTag: 'latest', revision: 1, tags: [] }

describe('current.json', () => {
  it('is written by itself when the disk takes it again, and its failure told once', async () => {
    const folder = path.join(await temporaryDirectory(), 'data')
    const failures: unknown[] = []
    const current = new CurrentReleases()
    current.replace(SHOP)
    const file = path.join(folder, 'current.json')
    const written = new CurrentFile(file, current, (error) => failures.push(error), {
      debounceMs: 1,
      retryMs: 20,
    })
    written.schedule()
    await eventually('the failure is told', () => failures.length === 1)
    await mkdir(folder)
    const found = await eventually('the file is written', () => readCurrentFile(file))
    expect(found).to.deep.equal([SHOP])
    expect(failures).to.have.length(1)
    await rm(folder, { recursive: true })
    written.schedule()
    await eventually('the next failure is told', () => failures.length === 2)
    await written.flush()
  })
})
