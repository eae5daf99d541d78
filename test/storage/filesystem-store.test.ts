import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, open, readdir, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import {
  ObjectNotFound,
  StoreFailed,
  StoreFull,
  StoreMisconfigured,
  StoreUnavailable,
} from '../../storage/object-store.ts'
import { replaceObject } from '../../storage/replace-object.ts'
import {
  collect,
  errorOf,
  getBytes,
  listKeys,
  putBytes,
  sha256,
  someBytes,
  stageBytes,
} from '../contracts/object-bytes.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import type { FaultyFileSystem } from './faulty-file-system.ts'
import { faultyFileSystem } from './faulty-file-system.ts'

describe('FilesystemStore', () => {
  let root: string
  let disk: FaultyFileSystem
  let store: FilesystemStore

  beforeEach(async () => {
    root = await temporaryDirectory()
    disk = faultyFileSystem()
    store = new FilesystemStore(root, disk)
  })

  afterEach(() => {
    expect(disk.openFiles, 'files left open').to.equal(0)
  })

  const keepX = { sha256: sha256(Buffer.from('x')), ifExists: 'keep' } as const

  it('leaves a read-only file at the path that the key spells, and nothing beside it', async () => {
    await putBytes(store, 'sha256/ab/object', Buffer.from('x'))
    expect((await stat(path.join(root, 'sha256/ab/object'))).mode & 0o777).to.equal(0o400)
    expect(await readdir(path.join(root, '.staging'))).to.deep.equal([])
  })

  it('stages where nobody else can read', async () => {
    const staged = await stageBytes(store, Buffer.from('x'))
    const [name] = await readdir(path.join(root, '.staging'))
    expect((await stat(path.join(root, '.staging', name!))).mode & 0o777).to.equal(0o600)
    await staged.discard()
  })

  it('sweeps what a killed process left, and not what is being written', async () => {
    const staged = await stageBytes(store, Buffer.from('x'))
    await writeFile(path.join(root, '.staging', 'left-over'), 'half an archi')
    expect(await store.sweep()).to.equal(1)
    expect(await staged.commit('a', keepX)).to.equal('created')
  })

  it('neither shows nor touches the folder where it stages', async () => {
    const staged = await stageBytes(store, Buffer.from('x'))
    const [name] = await readdir(path.join(root, '.staging'))
    expect(await listKeys(store, '')).to.deep.equal([])
    expect(await listKeys(store, '.staging/')).to.deep.equal([])
    expect(await errorOf(store.open(`.staging/${name!}`))).to.be.instanceOf(ObjectNotFound)
    await store.delete(`.staging/${name!}`)
    expect(await errorOf(staged.commit('.staging/x', keepX))).to.be.instanceOf(TypeError)
    await staged.discard()
  })

  for (const part of ['the whole', 'a part'] as const) {
    it(`does not give the end of ${part} of an object that is written to while it is read`, async () => {
      const bytes = someBytes(3 * 1024 * 1024)
      await putBytes(store, 'a', bytes)
      const range = part === 'the whole' ? undefined : { start: 0, length: bytes.byteLength - 1 }
      const opened = await store.open('a', range && { range })
      let given = 0
      const read = async (): Promise<void> => {
        for await (const chunk of opened.chunks) {
          if (given === 0) await overwriteEnd(path.join(root, 'a'), bytes.byteLength)
          given += chunk.byteLength
        }
      }
      expect(await errorOf(read())).to.be.instanceOf(StoreFailed)
      expect(given).to.be.lessThan(range?.length ?? bytes.byteLength)
      await opened.close()
    })
  }

  it('gives an object to its end that was replaced or deleted while it is read', async () => {
    const bytes = someBytes(3 * 1024 * 1024)
    for (const change of [() => store.delete('a'), () => replaceObject(store, 'a', Buffer.from('x'))]) {
      await putBytes(store, 'a', bytes)
      const opened = await store.open('a')
      await change()
      expect(sha256(await collect(opened.chunks))).to.equal(sha256(bytes))
      await opened.close()
      await store.delete('a')
    }
  })

  it('takes neither symlinks nor FIFOs nor folders for objects', async () => {
    await symlink('/etc/passwd', path.join(root, 'link'))
    execFileSync('mkfifo', [path.join(root, 'fifo')])
    await mkdir(path.join(root, 'folder'))
    for (const key of ['link', 'fifo', 'folder']) {
      expect(await errorOf(store.open(key)), key).to.be.instanceOf(ObjectNotFound)
      expect(await store.stat(key), key).to.equal(undefined)
    }
    expect(await listKeys(store, '')).to.deep.equal([])
  })

  it('sees by the version that a file was written to behind its back', async () => {
    await putBytes(store, 'a', Buffer.from('x'))
    const before = await store.stat('a')
    await chmod(path.join(root, 'a'), 0o644)
    await writeFile(path.join(root, 'a'), 'y')
    expect((await store.stat('a'))?.version).not.to.equal(before?.version)
  })

  it('throws where a file shrinks while it is read, and never ends short', async () => {
    await putBytes(store, 'a', someBytes(5 * 1024 * 1024))
    const object = await store.open('a')
    await chmod(path.join(root, 'a'), 0o644)
    await truncate(path.join(root, 'a'), 3 * 1024 * 1024 + 5)
    expect(await errorOf(collect(object.chunks))).to.be.instanceOf(StoreFailed)
    await object.close()
  })

  it('makes its folders again where somebody removed them', async () => {
    await putBytes(store, 'sha256/ab/one', Buffer.from('x'))
    execFileSync('rm', ['-rf', root])
    expect(await putBytes(store, 'sha256/ab/two', Buffer.from('x'))).to.equal('created')
  })

  it('says that the disk is full, and drops what was staged', async () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      const staged = await store.stage()
      disk.fail('file.write', code)
      expect(await errorOf(staged.write(Buffer.from('x')))).to.be.instanceOf(StoreFull)
      disk.heal()
      await staged.discard()
    }
    expect(await readdir(path.join(root, '.staging'))).to.deep.equal([])
  })

  it('never commits what could not be flushed, not even when asked again', async () => {
    const staged = await stageBytes(store, Buffer.from('x'))
    disk.fail('file.sync', 'EIO')
    expect(await errorOf(staged.commit('a', keepX))).to.be.instanceOf(StoreFailed)
    disk.heal()
    expect(await errorOf(staged.commit('a', keepX))).to.be.instanceOf(StoreFailed)
    await staged.discard()
    expect(await store.stat('a')).to.equal(undefined)
  })

  it('says that a folder could not be flushed', async () => {
    const staged = await stageBytes(store, Buffer.from('x'))
    disk.fail('file.sync', 'EIO', (at) => at === root)
    expect(await errorOf(staged.commit('a', keepX))).to.be.instanceOf(StoreFailed)
    disk.heal()
    await staged.discard()
  })

  it('can be asked to commit again once there are descriptors again', async () => {
    const staged = await stageBytes(store, Buffer.from('x'))
    disk.fail('open', 'EMFILE')
    const error = await errorOf(staged.commit('a', keepX))
    expect(error).to.be.instanceOf(StoreUnavailable)
    expect(error.cause).to.include({ code: 'EMFILE' })
    disk.heal()
    expect(await staged.commit('a', keepX)).to.equal('created')
  })

  it('is unavailable, not broken, while there are no descriptors', async () => {
    await putBytes(store, 'a', Buffer.from('x'))
    for (const code of ['EMFILE', 'ENFILE']) {
      disk.fail('open', code)
      expect(await errorOf(store.open('a'))).to.be.instanceOf(StoreUnavailable)
      expect(await errorOf(store.stage())).to.be.instanceOf(StoreUnavailable)
      disk.heal()
    }
  })

  it('says that the disk cannot be read, before the first byte and after', async () => {
    await putBytes(store, 'a', someBytes(4 * 1024 * 1024))
    disk.fail('file.read', 'EIO')
    expect(await errorOf(getBytes(store, 'a'))).to.be.instanceOf(StoreFailed)
    disk.heal()

    const object = await store.open('a')
    const reading = async (): Promise<void> => {
      for await (const chunk of object.chunks) if (chunk.byteLength > 0) disk.fail('file.read', 'EIO')
    }
    expect(await errorOf(reading())).to.be.instanceOf(StoreFailed)
    await object.close()
  })

  it('creates once without hard links too', async () => {
    disk.fail('link', 'EPERM')
    const contents = Array.from({ length: 16 }, (_, index) => Buffer.from(`writer ${index}`))
    const outcomes = await Promise.all(contents.map((bytes) => putBytes(store, 'folder/raced', bytes)))
    expect(outcomes.filter((outcome) => outcome === 'created')).to.have.length(1)
    expect(await getBytes(store, 'folder/raced')).to.deep.equal(contents[outcomes.indexOf('created')])
    expect(await readdir(path.join(root, '.staging'))).to.deep.equal([])
  })

  it('names the folder that cannot be used', async () => {
    await writeFile(path.join(root, 'file'), '')
    const misplaced = new FilesystemStore(path.join(root, 'file'), disk)
    expect(await errorOf(misplaced.probe())).to.be.instanceOf(StoreMisconfigured)

    disk.fail('open', 'EROFS', (at) => at.includes('.staging/'))
    const error = await errorOf(store.probe())
    expect(error).to.be.instanceOf(StoreMisconfigured)
    expect(error.message).to.include(root)
  })
})

/** Writes other bytes into a file, as a tool does that copies onto it. */
async function overwriteEnd(at: string, size: number): Promise<void> {
  await chmod(at, 0o600)
  const file = await open(at, 'r+')
  try {
    await file.write(Buffer.alloc(1000), 0, 1000, size - 1000)
  } finally {
    await file.close()
  }
}
