import { expect } from 'chai'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { ObjectNotFound } from '../../storage/object-store.ts'
import { getBytes, putBytes } from '../contracts/object-bytes.ts'
import { CrashFileSystem } from './crash-file-system.ts'

const key = 'sha256/ab/object'
const bytes = Buffer.from('an archive, whole')

describe('FilesystemStore when the power goes', () => {
  it('holds an object whole or not at all, whatever was not flushed', async () => {
    const { states, torn } = await cutAtEveryStep(new CrashFileSystem(), 'keep')
    expect(states).to.be.greaterThan(30)
    expect(torn).to.equal(0)
  })

  it('holds the old object or the new one where one replaces the other', async () => {
    const fileSystem = new CrashFileSystem()
    await putBytes(new FilesystemStore('/srv/blobs', fileSystem), key, Buffer.from('the one before'))
    const { states, torn, missing } = await cutAtEveryStep(fileSystem, 'replace')
    expect(states).to.be.greaterThan(10)
    expect({ torn, missing }).to.deep.equal({ torn: 0, missing: 0 })
  })

  it('has kept what was acknowledged', async () => {
    const fileSystem = new CrashFileSystem()
    await putBytes(new FilesystemStore('/srv/blobs', fileSystem), key, bytes)
    for (const found of fileSystem.afterPowerCut()) expect(await whatIsThere(found)).to.equal('new')
  })

  it('has kept what was acknowledged to a second writer, though the first was killed', async () => {
    for await (const survivor of killedAtEveryStep()) {
      await putBytes(new FilesystemStore('/srv/blobs', survivor), key, bytes)
      for (const found of survivor.afterPowerCut()) expect(await whatIsThere(found)).to.equal('new')
    }
  })

  it('can be used and swept after any power cut', async () => {
    for await (const survivor of killedAtEveryStep()) {
      for (const found of survivor.afterPowerCut()) {
        const store = new FilesystemStore('/srv/blobs', found)
        await store.sweep()
        expect(await store.sweep()).to.equal(0)
        await putBytes(store, key, bytes)
        expect(await whatIsThere(found)).to.equal('new')
      }
    }
  })

  it('would be seen to tear objects on a disk that only claims to flush', async () => {
    const { torn } = await cutAtEveryStep(new CrashFileSystem(undefined, false), 'keep')
    expect(torn).to.be.greaterThan(0)
  })
})

/** Puts the object, with the power cut in every way after every change, and counts what is found. */
async function cutAtEveryStep(
  fileSystem: CrashFileSystem,
  ifExists: 'keep' | 'replace',
): Promise<{ states: number; torn: number; missing: number }> {
  const found: CrashFileSystem[] = []
  fileSystem.onChange = () => found.push(...fileSystem.afterPowerCut())
  await putBytes(new FilesystemStore('/srv/blobs', fileSystem), key, bytes, ifExists)
  found.push(...fileSystem.afterPowerCut())
  const contents = await Promise.all(found.map(whatIsThere))
  const count = (what: string): number => contents.filter((content) => content === what).length
  return { states: found.length, torn: count('torn'), missing: count('nothing') }
}

/** File systems whose writer was killed, with the machine still up, after 1, 2, 3 … changes. */
async function* killedAtEveryStep(): AsyncGenerator<CrashFileSystem> {
  for (let lastChange = 1; ; lastChange += 1) {
    const fileSystem = new CrashFileSystem()
    let changes = 0
    fileSystem.onChange = () => {
      changes += 1
      if (changes >= lastChange) throw new Error('killed')
    }
    const store = new FilesystemStore('/srv/blobs', fileSystem)
    const finished = await putBytes(store, key, bytes).catch(() => undefined)
    fileSystem.onChange = () => undefined
    if (finished && changes < lastChange) return
    yield fileSystem
  }
}

async function whatIsThere(fileSystem: CrashFileSystem): Promise<'new' | 'old' | 'nothing' | 'torn'> {
  try {
    const there = (await getBytes(new FilesystemStore('/srv/blobs', fileSystem), key)).toString()
    return there === bytes.toString() ? 'new' : there === 'the one before' ? 'old' : 'torn'
  } catch (error) {
    if (error instanceof ObjectNotFound) return 'nothing'
    throw error
  }
}
