import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, utimes, writeFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import {
  PullFailure,
  Puller,
  customSource,
  diskSource,
  loadCustomStorage,
  storeSource,
} from '../../client/index.ts'
import type { CustomStorage, PullEvent, Source } from '../../client/index.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { anArchive } from '../support/archive-builder.ts'
import { digestOf } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const [one, two] = [anArchive(), anArchive()]

function pullFrom(source: Source, to: string): Promise<PullEvent> {
  return new Puller({ source, to, idleTimeout: 400, random: () => 0 }).pull()
}

async function put(store: MemoryStore, key: string, bytes: Uint8Array): Promise<void> {
  const staged = await store.stage()
  await staged.write(bytes)
  await staged.commit(key, { sha256: createHash('sha256').update(bytes).digest('hex'), ifExists: 'replace' })
}

describe('the disk as a source', () => {
  it('gives a file', async () => {
    const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
    await writeFile(file, one)
    const to = await temporaryDirectory()
    const event = await pullFrom(diskSource(file), to)
    expect(event).to.include({ event: 'installed', digest: digestOf(one), path: path.join(to, 'bot.tar.gz') })
    expect((await pullFrom(diskSource(file), to)).event).to.equal('unchanged')
  })

  it('gives the newest archive of a folder by modification time: no hidden file, none of a folder below', async () => {
    const folder = await temporaryDirectory()
    await mkdir(path.join(folder, 'below'))
    const files: [string, Buffer, number][] = [
      ['b-old.tar.gz', one, 100],
      ['a-new.tar.gz', two, 200],
      ['.hidden.tar.gz', one, 300],
      ['below/newest.tar.gz', one, 400],
      ['notes.txt', one, 500],
    ]
    for (const [name, bytes, seconds] of files) {
      await writeFile(path.join(folder, name), bytes)
      await utimes(path.join(folder, name), seconds, seconds)
    }
    expect(await pullFrom(diskSource(folder), await temporaryDirectory())).to.include({
      digest: digestOf(two),
    })
  })

  it('gives what is newer at the next poll', async () => {
    const [folder, to] = [await temporaryDirectory(), await temporaryDirectory()]
    await writeFile(path.join(folder, 'a.tar.gz'), one)
    await pullFrom(diskSource(folder), to)
    await writeFile(path.join(folder, 'b.tar.gz'), two)
    await utimes(path.join(folder, 'b.tar.gz'), 3e9, 3e9)
    expect(await pullFrom(diskSource(folder), to)).to.include({ event: 'installed', digest: digestOf(two) })
  })

  for (const what of ['a missing file', 'an empty folder']) {
    it(`fails on ${what}`, async () => {
      const folder = await temporaryDirectory()
      const source = diskSource(what === 'an empty folder' ? folder : path.join(folder, 'x.tar.gz'))
      expect(await pullFrom(source, await temporaryDirectory())).to.include({
        event: 'failed',
        kind: 'source',
      })
    })
  }

  it('gives nothing of a half-written archive', async () => {
    const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
    await writeFile(file, one.subarray(0, -50))
    expect(await pullFrom(diskSource(file), await temporaryDirectory())).to.include({
      event: 'failed',
      kind: 'unsound',
    })
  })
})

describe('an object store as a source', () => {
  it('gives the object of a key', async () => {
    const store = new MemoryStore()
    await put(store, 'folder/bot.tar.gz', one)
    const to = await temporaryDirectory()
    const source = (): Source => storeSource(store, { key: 'folder/bot.tar.gz' })
    expect(await pullFrom(source(), to)).to.include({ event: 'installed', digest: digestOf(one) })
    expect((await pullFrom(source(), to)).event).to.equal('unchanged')
    await put(store, 'folder/bot.tar.gz', two)
    expect(await pullFrom(source(), to)).to.include({ event: 'installed', digest: digestOf(two) })
  })

  it('gives the newest of a folder', async () => {
    let now = 1000
    const store = new MemoryStore(() => (now += 1000))
    for (const key of ['f/a.tar.gz', 'f/b.tar.gz', 'f/below/c.tar.gz', 'd.tar.gz', 'f/notes.txt']) {
      await put(store, key, key === 'f/b.tar.gz' ? two : one)
    }
    const to = await temporaryDirectory()
    expect(await pullFrom(storeSource(store, { newestIn: 'f' }), to)).to.include({ digest: digestOf(two) })
  })

  it('goes on where a read broke off', async () => {
    const store = new MemoryStore()
    const large = anArchive({ payloadBytes: 500_000 })
    await put(store, 'bot.tar.gz', large)
    const starts: number[] = []
    const open = store.open.bind(store)
    store.open = async (key, options) => {
      starts.push(options?.range?.start ?? 0)
      const object = await open(key, options)
      if (starts.length > 1) return object
      return { ...object, close: () => object.close(), chunks: firstOf(large, 300_000) }
    }
    const event = await pullFrom(storeSource(store, { key: 'bot.tar.gz' }), await temporaryDirectory())
    expect(event).to.include({ event: 'installed', digest: digestOf(large) })
    expect(starts).to.deep.equal([0, 300_000])
  })

  it('fails where there is no such object', async () => {
    const event = await pullFrom(
      storeSource(new MemoryStore(), { key: 'bot.tar.gz' }),
      await temporaryDirectory(),
    )
    expect(event).to.include({ event: 'failed', kind: 'source' })
  })
})

async function* firstOf(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes.subarray(0, length))
  throw new Error('broken off')
}

describe('a storage class of your own', () => {
  const working = `
    import { createReadStream } from 'node:fs'
    export default class {
      async retrieve(name) { return name === 'gone' ? null : { bytes: createReadStream(process.env.TEST_ARCHIVE), version: process.env.TEST_VERSION } }
    }
    export class Named { async retrieve() { throw new Error('no network') } }
    export class Broken { constructor() { throw new Error('no bucket') } }
    export class Empty {}
    export const number = 7`

  async function modulePath(): Promise<string> {
    const folder = await temporaryDirectory()
    await writeFile(path.join(folder, 'archive'), one)
    process.env['TEST_ARCHIVE'] = path.join(folder, 'archive')
    process.env['TEST_VERSION'] = '1'
    await writeFile(path.join(folder, 'storage.mjs'), working)
    return path.join(folder, 'storage.mjs')
  }

  it('gives an archive, once for each version', async () => {
    const storage = await loadCustomStorage(await modulePath(), '/')
    const to = await temporaryDirectory()
    expect(await pullFrom(customSource(storage, 'bot', 'mine'), to)).to.include({
      event: 'installed',
      digest: digestOf(one),
    })
    expect((await pullFrom(customSource(storage, 'bot', 'mine'), to)).event).to.equal('unchanged')
    expect(Object.keys(await readFolder(to))).to.deep.equal(['bot.tar.gz'])
  })

  for (const [name, says] of Object.entries({ gone: /has no gone/, bot: /no network/ })) {
    it(`that says "${says.source}" leaves nothing installed`, async () => {
      const storage = await loadCustomStorage(`${await modulePath()}${name === 'bot' ? '#Named' : ''}`, '/')
      const event = await pullFrom(customSource(storage, name, 'mine'), await temporaryDirectory())
      expect(event).to.include({ event: 'failed', kind: 'source' })
      expect('message' in event && event.message).to.match(says)
    })
  }

  for (const [name, says] of Object.entries({
    Broken: /no bucket/,
    Empty: /no method retrieve/,
    number: /no class/,
    missing: /no class as its missing export/,
  })) {
    it(`is refused when it is loaded: ${name}`, async () => {
      const failure: unknown = await loadCustomStorage(`${await modulePath()}#${name}`, '/').catch(
        (error: unknown) => error,
      )
      expect(failure).to.be.instanceOf(PullFailure).with.property('kind', 'configuration')
      expect((failure as Error).message).to.match(says)
    })
  }
})

/** A storage class whose archive is the given stream. */
function storageOf(bytes: () => Readable): CustomStorage {
  return { retrieve: () => Promise.resolve({ bytes: bytes(), version: '1' }) }
}

describe('a stream of a storage class', () => {
  it('that fails before it is read is a failure of the source, and does not end the process', async () => {
    const storage = storageOf(() => createReadStream('/nowhere/bot.tar.gz'))
    const event = await pullFrom(customSource(storage, 'bot', 'mine'), await temporaryDirectory())
    expect(event).to.include({ event: 'failed', kind: 'source' })
    expect('message' in event && event.message).to.match(/ENOENT/)
  })

  it('that fails while it is destroyed, since nothing is new, does not end the process', async () => {
    const to = await temporaryDirectory()
    await pullFrom(
      customSource(
        storageOf(() => Readable.from([one])),
        'bot',
        'mine',
      ),
      to,
    )
    const failing = new Readable({
      read: () => undefined,
      destroy: (_, done) => setImmediate(done, new Error('the connection was reset')),
    })
    const closed = new Promise((resolve) => failing.once('close', resolve))
    const event = await pullFrom(
      customSource(
        storageOf(() => failing),
        'bot',
        'mine',
      ),
      to,
    )
    expect(event.event).to.equal('unchanged')
    await closed
  })
})

async function readFolder(dir: string): Promise<Record<string, string>> {
  const { archivesOf } = await import('../support/client-folder.ts')
  await readFile(path.join(dir, '.slipway', 'state.json'))
  return archivesOf(dir)
}
