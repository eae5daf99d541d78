import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { Spool } from '../../storage/bucket/spool.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('the folder in which uploads wait, of two processes', () => {
  it('is swept by both at once', async () => {
    const folder = await temporaryDirectory()
    for (let file = 0; file < 50; file++) await writeFile(path.join(folder, `left-${file}`), '')
    const [one, other] = await Promise.all([new Spool(folder).sweep(), new Spool(folder).sweep()])
    expect(one + other).to.equal(50)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('keeps what one of them writes while the other sweeps', async () => {
    const folder = path.join(await temporaryDirectory(), 'spool')
    await mkdir(folder)
    const file = await new Spool(folder).create()
    await file.write(Buffer.from('first, '))
    expect(await new Spool(folder).sweep()).to.equal(1)
    await file.write(Buffer.from('second'))
    const chunks = []
    for await (const chunk of file.read()) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).to.equal('first, second')
    await file.discard()
    expect(await readdir(folder)).to.deep.equal([])
  })
})
