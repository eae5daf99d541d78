import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { DataDirectoryInUse, lockDataDirectory } from '../../server/catalog/sqlite/data-lock.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const MODULE = path.resolve(import.meta.dirname, '../../server/catalog/sqlite/data-lock.ts')

describe('lockDataDirectory', () => {
  let folder: string

  beforeEach(async () => {
    folder = await temporaryDirectory()
  })

  const lock = async () => {
    const held = await lockDataDirectory(folder)
    afterThisTest(() => {
      held.release()
    })
    return held
  }

  it('gives a directory to one holder at a time', async () => {
    await lock()
    const refusal = await rejection(lock())
    expect(refusal).to.be.instanceOf(DataDirectoryInUse)
    expect(refusal.message).to.contain(folder).and.contain('DATA_DIR')
  })

  it('gives it again once it was released, which may be done twice', async () => {
    const held = await lock()
    held.release()
    held.release()
    await lock()
  })

  it('locks that directory and no other', async () => {
    await lock()
    folder = await temporaryDirectory()
    await lock()
  })

  it('creates the directory where it is missing', async () => {
    folder = path.join(folder, 'new', 'data')
    await lock()
    expect(await readdir(folder)).to.deep.equal(['server.lock'])
  })

  it('is freed by the kernel when its holder is killed', async () => {
    const script = `import { lockDataDirectory } from ${JSON.stringify(MODULE)}
      await lockDataDirectory(${JSON.stringify(folder)})
      console.log('held')
      setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    afterThisTest(() => holder.kill('SIGKILL'))
    await once(holder.stdout, 'data')
    expect(await rejection(lock())).to.be.instanceOf(DataDirectoryInUse)
    const exited = once(holder, 'exit')
    holder.kill('SIGKILL')
    await exited
    await lock()
  })

  it('says what is wrong where it cannot lock', async () => {
    await writeFile(path.join(folder, 'server.lock'), 'This is no database. '.repeat(1000))
    const refusal = await rejection(lock())
    expect(refusal).not.to.be.instanceOf(DataDirectoryInUse)
    expect(refusal.message).to.contain(folder)
  })

  it('says which setting to change where the directory cannot be made', async () => {
    const file = path.join(folder, 'file')
    await writeFile(file, 'a file')
    folder = path.join(file, 'data')
    expect((await rejection(lock())).message)
      .to.contain(folder)
      .and.contain('Set DATA_DIR')
  })
})
