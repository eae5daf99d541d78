import { readdir, stat, symlink, utimes } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { anInbox, put, type InboxUnderTest } from './inbox-under-test.ts'

describe('Inbox, at start', () => {
  let under: InboxUnderTest
  let folder: string

  beforeEach(async () => {
    under = await anInbox()
    folder = under.folder
  })

  const filenames = async (model = 'default') =>
    (await under.catalog.listReleases(model, { limit: 1000 })).map(({ filename }) => filename).reverse()

  it('publishes what lies there in the order of modification', async () => {
    await put(folder, 'a.tar.gz', anArchive(), 3000)
    await put(folder, 'b.tar.gz', anArchive(), 1000)
    await put(folder, 'c.tar.gz', anArchive(), 2000)
    await under.inbox.start()
    expect(await filenames()).to.deep.equal(['b.tar.gz', 'c.tar.gz', 'a.tar.gz'])
    expect(await under.latest()).to.equal(3)
    expect(await under.catalog.findRelease('default', 1)).to.include({ publishedBy: 'inbox' })
  })

  it('tells of a warning where `latest` goes to an archive of an older Rasa', async () => {
    await put(folder, 'a.tar.gz', anArchive({ rasaVersion: '3.6.21' }), 1000)
    await put(folder, 'b.tar.gz', anArchive({ rasaVersion: '2.8.34' }), 2000)
    await under.inbox.start()
    const published = await under.told('published', 'b.tar.gz')
    expect(published.warnings.map(({ code }) => code)).to.deep.equal(['rasa-older'])
  })

  it('tells files apart that were modified within one millisecond', async () => {
    await put(folder, 'a.tar.gz', anArchive(), 1000.0007)
    await put(folder, 'b.tar.gz', anArchive(), 1000.0003)
    await under.inbox.start()
    expect(await filenames()).to.deep.equal(['b.tar.gz', 'a.tar.gz'])
  })

  it('takes the folder of a file as its model', async () => {
    await put(folder, 'shop/a.tar.gz', anArchive(), 1000)
    await put(folder, 'bank/a.tar.gz', anArchive(), 2000)
    await under.inbox.start()
    expect([await under.latest('shop'), await under.latest('bank'), await under.latest()]).to.deep.equal([
      1,
      1,
      undefined,
    ])
  })

  it('goes by the time of training where modification times are alike, then by name', async () => {
    await put(folder, 'a.tar.gz', anArchive({ trainedAt: '2026-03-01T00:00:00.0' }), 1000)
    await put(folder, 'c.tar.gz', anArchive({ trainedAt: '2026-01-01T00:00:00.0' }), 1000)
    await put(folder, 'b.tar.gz', anArchive({ trainedAt: '2026-01-01T00:00:00.0' }), 1000)
    await under.inbox.start()
    expect(await filenames()).to.deep.equal(['b.tar.gz', 'c.tar.gz', 'a.tar.gz'])
    expect(under.story()).not.to.include('order-doubtful')
  })

  it('says so where the file modified last was not the one trained last', async () => {
    await put(folder, 'old.tar.gz', anArchive({ trainedAt: '2026-01-01T00:00:00.0' }), 1000.2)
    await put(folder, 'new.tar.gz', anArchive({ trainedAt: '2026-03-01T00:00:00.0' }), 1000.1)
    await put(folder, 'shop/one.tar.gz', anArchive({ trainedAt: '2026-04-01T00:00:00.0' }), 1000)
    await under.inbox.start()
    const doubts = under.events.filter(({ kind }) => kind === 'order-doubtful')
    expect(doubts).to.deep.equal([
      {
        kind: 'order-doubtful',
        model: 'default',
        newestByTime: 'old.tar.gz',
        newestByTraining: 'new.tar.gz',
      },
    ])
  })

  it('takes many files, each once', async () => {
    for (let index = 0; index < 150; index++) {
      await put(folder, `${index}.tar.gz`, anArchive(), 1_000 + ((index * 7) % 150))
    }
    await under.inbox.start()
    const numbers = await filenames()
    expect(numbers).to.deep.equal([...numbers].sort((one, other) => placeOf(one) - placeOf(other)))
    expect(new Set(numbers).size).to.equal(150)
  })

  it('publishes nothing twice after a restart, and reads nothing again', async () => {
    await put(folder, 'a.tar.gz', anArchive(), 1000)
    await put(folder, 'b.tar.gz', anArchive(), 2000)
    await under.inbox.start()
    await under.restart()
    expect(under.attempts).to.equal(0)
    expect(under.story()).to.deep.equal([])
    expect(await filenames()).to.have.length(2)
  })

  it('takes nothing again that the model ever had, though every file was modified since', async () => {
    const files = [
      await put(folder, 'a.tar.gz', anArchive(), 1000),
      await put(folder, 'b.tar.gz', anArchive(), 2000),
    ]
    await under.inbox.start()
    for (const [index, file] of files.entries()) await utimes(file, 9000 - index, 9000 - index)
    await under.restart()
    expect(under.story()).to.deep.equal(['known b.tar.gz', 'known a.tar.gz'])
    expect(await under.latest()).to.equal(2)
    await under.restart()
    expect(under.attempts).to.equal(0)
  })

  it('takes what another model has', async () => {
    const archive = anArchive()
    await put(folder, 'a.tar.gz', archive)
    await put(folder, 'shop/a.tar.gz', archive)
    await under.inbox.start()
    expect([await under.latest(), await under.latest('shop')]).to.deep.equal([1, 1])
  })

  it('takes what came while it was stopped', async () => {
    await put(folder, 'a.tar.gz', anArchive(), 1000)
    await under.inbox.start()
    await under.inbox.stop()
    await put(folder, 'b.tar.gz', anArchive(), 2000)
    await under.restart()
    expect(under.story()).to.deep.equal(['published b.tar.gz'])
  })

  it('says once that a file is no archive, and takes the others', async () => {
    await put(folder, 'bad.tar.gz', 'This is not gzip.', 1000)
    await put(folder, 'good.tar.gz', anArchive(), 2000)
    await under.inbox.start()
    expect(under.story()).to.deep.equal(['refused bad.tar.gz', 'published good.tar.gz'])
    expect(under.events[0]).to.include({ code: 'archive-not-gzip', model: 'default' })
    await under.restart()
    expect(under.story()).to.deep.equal([])
  })

  it('tries a refused file again where limits or version have changed, and a taken one not', async () => {
    await put(folder, 'bad.tar.gz', 'This is not gzip.', 1000)
    await put(folder, 'good.tar.gz', anArchive(), 2000)
    await under.inbox.start()
    under.rules = 'version 2'
    await under.restart()
    expect(under.story()).to.deep.equal(['refused bad.tar.gz'])
    await under.restart()
    expect(under.story()).to.deep.equal([])
  })

  it('works where the folder itself is a symbolic link', async () => {
    const link = path.join(await temporaryDirectory(), 'models')
    await symlink(folder, link)
    const linked = await anInbox({ folder: link })
    await put(folder, 'a.tar.gz', anArchive())
    await linked.inbox.start()
    expect(await linked.latest()).to.equal(1)
    // The first news of all is that watching has begun; only the second tells of a file.
    for (const name of ['b.tar.gz', 'c.tar.gz', 'd.tar.gz']) {
      await put(folder, name, anArchive())
      await linked.told('published', name)
    }
  })

  it('says once that the folder is missing, and begins when it is there', async () => {
    const missing = path.join(folder, 'not', 'yet')
    const early = await anInbox({ folder: missing, timings: { rescanMs: 100 } })
    await early.inbox.start()
    await put(missing, 'a.tar.gz', anArchive())
    await early.told('published', 'a.tar.gz')
    expect(early.events.filter(({ kind }) => kind === 'scan-failed')).to.have.length(1)
  })

  it('leaves the folder as it was', async () => {
    await put(folder, 'a.tar.gz', anArchive())
    await put(folder, 'bad.tar.gz', 'This is not gzip.')
    await put(folder, 'shop/b.tar.gz', anArchive())
    const before = await contentsOf(folder)
    await under.inbox.start()
    await under.inbox.stop()
    expect(await contentsOf(folder)).to.deep.equal(before)
  })

  it('drops what it is just taking when it is stopped, and takes it at the next start', async () => {
    await put(folder, 'a.tar.gz', anArchive({ payloadBytes: 2_000_000 }))
    let stopped: Promise<void> | undefined
    const slow = await anInbox({
      folder,
      around: (publish) => (body, terms) =>
        publish(
          (async function* () {
            for await (const chunk of body) {
              stopped ??= slow.inbox.stop()
              yield chunk
            }
          })(),
          terms,
        ),
    })
    afterThisTest(() => stopped)
    await slow.inbox.start()
    await stopped
    expect(slow.story()).to.deep.equal([])
    expect(await slow.latest()).to.equal(undefined)
    await under.inbox.start()
    expect(under.story()).to.deep.equal(['published a.tar.gz'])
  })
})

function placeOf(filename: string): number {
  return (Number.parseInt(filename) * 7) % 150
}

async function contentsOf(folder: string): Promise<unknown[]> {
  const names = await readdir(folder, { recursive: true })
  return await Promise.all(
    names.sort().map(async (name) => {
      const { mtimeMs, size, ino, nlink } = await stat(path.join(folder, name))
      return { name, mtimeMs, size, ino, nlink }
    }),
  )
}
