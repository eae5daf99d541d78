import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ItemChanged, ItemUnreadable } from '../../../server/intake/intake-source.ts'
import { readInboxFile } from '../../../server/intake/inbox/read-inbox-file.ts'
import type { FoundFile } from '../../../server/intake/inbox/list-inbox.ts'
import { rejection } from '../../contracts/catalog-support.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('readInboxFile', () => {
  let root: string
  let name: string
  let file: FoundFile
  const stopping = new AbortController()

  beforeEach(async () => {
    root = await temporaryDirectory()
    name = path.join(root, 'a.tar.gz')
    await writeFile(name, Buffer.alloc(700_000, 'x'))
    file = await find()
  })

  const find = async (): Promise<FoundFile> => {
    const { size, mtimeMs, ctimeMs } = await stat(name)
    return { path: 'a.tar.gz', model: 'default', size, modifiedAt: mtimeMs, changedAt: ctimeMs }
  }

  const read = async (signal = stopping.signal, atFirst = () => Promise.resolve()): Promise<number> => {
    let total = 0
    for await (const chunk of readInboxFile(root, file, signal)) {
      if (total === 0) await atFirst()
      total += chunk.length
    }
    return total
  }

  it('gives all bytes of a file that stays as it is', async () => {
    expect(await read()).to.equal(700_000)
  })

  it('refuses a symbolic link that has taken the place of the file', async () => {
    await writeFile(path.join(root, 'secret'), Buffer.alloc(700_000))
    await rm(name)
    await symlink(path.join(root, 'secret'), name)
    expect(await rejection(read())).to.be.instanceOf(ItemChanged)
  })

  it('does not block on a FIFO that has taken the place of the file', async () => {
    await rm(name)
    execFileSync('mkfifo', [name])
    expect(await rejection(read())).to.be.instanceOf(ItemChanged)
  })

  it('refuses a file that is gone, or was changed before it was opened', async () => {
    await utimes(name, 1, 1)
    expect(await rejection(read())).to.be.instanceOf(ItemChanged)
    await rm(name)
    expect(await rejection(read())).to.be.instanceOf(ItemChanged)
  })

  it('rejects after the last byte where the file grew meanwhile', async () => {
    const growing = read(stopping.signal, () => appendFile(name, 'more'))
    expect(await rejection(growing)).to.be.instanceOf(ItemChanged)
  })

  it('rejects after the last byte where the file was written over in place', async () => {
    const overwritten = read(stopping.signal, () => writeFile(name, Buffer.alloc(700_000, 'y')))
    expect(await rejection(overwritten)).to.be.instanceOf(ItemChanged)
  })

  it('names a file that cannot be read', async () => {
    await rm(name)
    await mkdir(name)
    const stats = await stat(name)
    file = { ...file, size: stats.size, modifiedAt: stats.mtimeMs }
    expect(await rejection(read())).to.be.instanceOf(ItemChanged)
    file = { ...file, path: `${'x'.repeat(300)}.tar.gz` }
    expect(await rejection(read())).to.be.instanceOf(ItemUnreadable)
  })

  it('ends with the reason of the signal', async () => {
    const aborting = new AbortController()
    const reason = new Error('stop')
    const stopped = read(aborting.signal, () => {
      aborting.abort(reason)
      return Promise.resolve()
    })
    expect(await rejection(stopped)).to.equal(reason)
  })
})
