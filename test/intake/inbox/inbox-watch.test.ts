import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { DomainError } from '../../../server/errors/errors.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { anInbox, put, type InboxUnderTest } from './inbox-under-test.ts'

describe('Inbox, while watching', () => {
  let under: InboxUnderTest
  let folder: string

  beforeEach(async () => {
    under = await anInbox()
    folder = under.folder
    await under.inbox.start()
  })

  const countReleases = () => under.catalog.countReleases('default')

  it('publishes a file that is moved in', async () => {
    await put(folder, 'a.tar.gz', anArchive())
    const { release } = await under.told('published', 'a.tar.gz')
    expect(release).to.include({ model: 'default', number: 1, filename: 'a.tar.gz' })
  })

  it('publishes a file that is moved in with its folder', async () => {
    await put(folder, 'shop/a.tar.gz', anArchive())
    await under.told('published', 'shop/a.tar.gz')
    await put(folder, 'shop/b.tar.gz', anArchive())
    await under.told('published', 'shop/b.tar.gz')
    expect(await under.latest('shop')).to.equal(2)
  })

  it('publishes files as they arrive, whatever their modification times', async () => {
    await put(folder, 'a.tar.gz', anArchive(), 2000)
    await under.told('published', 'a.tar.gz')
    await put(folder, 'b.tar.gz', anArchive(), 1000)
    await under.told('published', 'b.tar.gz')
    expect(await under.latest()).to.equal(2)
  })

  it('waits for a file that is written slowly, and publishes it once and whole', async () => {
    const archive = anArchive({ payloadBytes: 50_000 })
    const file = path.join(folder, 'slow.tar.gz')
    const step = Math.ceil(archive.length / 4)
    for (let offset = 0; offset < archive.length; offset += step) {
      const before = under.attempts
      await appendFile(file, archive.subarray(offset, offset + step))
      await eventually('what is there was looked at', () => under.attempts > before)
    }
    const { release } = await under.told('published', 'slow.tar.gz')
    expect(release.size).to.equal(archive.length)
    expect(under.story()).to.deep.equal(['waiting slow.tar.gz', 'published slow.tar.gz'])
  })

  it('refuses half a file once, when nothing more came, and takes it when the rest comes', async () => {
    const archive = anArchive({ payloadBytes: 50_000 })
    const file = await put(folder, 'half.tar.gz', archive.subarray(0, 20_000))
    const refused = await under.told('refused', 'half.tar.gz')
    expect(refused.code).to.equal('archive-truncated')
    await appendFile(file, archive.subarray(20_000))
    await under.told('published', 'half.tar.gz')
    expect(under.events.filter(({ kind }) => kind === 'refused')).to.have.length(1)
  })

  it('refuses an empty file once nothing more came', async () => {
    await put(folder, 'empty.tar.gz', '')
    expect(await under.told('refused', 'empty.tar.gz')).to.include({ code: 'archive-missing' })
  })

  it('looks at a refused file again when it changes', async () => {
    const file = await put(folder, 'a.tar.gz', 'This is not gzip.')
    await under.told('refused', 'a.tar.gz')
    await writeFile(file, anArchive())
    await under.told('published', 'a.tar.gz')
  })

  it('publishes nothing where the latest release is merely touched', async () => {
    const file = await put(folder, 'a.tar.gz', anArchive())
    await under.told('published', 'a.tar.gz')
    await utimes(file, 5000, 5000)
    await under.told('known', 'a.tar.gz')
    expect(await countReleases()).to.equal(1)
  })

  it('publishes an older release again where its file is touched', async () => {
    const file = await put(folder, 'a.tar.gz', anArchive())
    await under.told('published', 'a.tar.gz')
    await put(folder, 'b.tar.gz', anArchive())
    await under.told('published', 'b.tar.gz')
    await utimes(file, 5000, 5000)
    await under.told('published', 'a.tar.gz', 2)
    const [third, , first] = await under.catalog.listReleases('default', { limit: 3 })
    expect(third?.digest).to.equal(first?.digest)
    expect(await under.latest()).to.equal(3)
  })

  it('publishes a file again that is replaced by another under the same name', async () => {
    await put(folder, 'a.tar.gz', anArchive())
    await under.told('published', 'a.tar.gz')
    await put(folder, 'a.tar.gz', anArchive())
    await under.told('published', 'a.tar.gz', 2)
    expect(await under.latest()).to.equal(2)
  })

  it('keeps the release of a file that is removed', async () => {
    const file = await put(folder, 'a.tar.gz', anArchive())
    await under.told('published', 'a.tar.gz')
    await rm(file)
    await put(folder, 'b.tar.gz', anArchive())
    await under.told('published', 'b.tar.gz')
    expect(await countReleases()).to.equal(2)
  })

  it('follows no symbolic links, neither to files nor to folders', async () => {
    const elsewhere = await anInbox()
    await put(elsewhere.folder, 'a.tar.gz', anArchive())
    await symlink(path.join(elsewhere.folder, 'a.tar.gz'), path.join(folder, 'link.tar.gz'))
    await symlink(elsewhere.folder, path.join(folder, 'shop'))
    const { reason } = await under.told('ignored', 'link.tar.gz')
    expect(reason).to.contain('symbolic link')
    await under.told('ignored', 'shop')
    expect(under.attempts).to.equal(0)
  })

  it('does not wait for ever on a FIFO', async () => {
    execFileSync('mkfifo', [path.join(folder, 'pipe.tar.gz')])
    await under.told('ignored', 'pipe.tar.gz')
    await put(folder, 'a.tar.gz', anArchive())
    await under.told('published', 'a.tar.gz')
  })

  it('says once what it cannot take, and nothing of what nobody meant', async () => {
    await put(folder, 'README.md', 'Models')
    await put(folder, '.hidden.tar.gz', anArchive())
    await put(folder, '.git/a.tar.gz', anArchive())
    await put(folder, 'model.tgz', anArchive())
    await put(folder, 'model.zip', 'PK')
    await put(folder, 'Shop/a.tar.gz', anArchive())
    await put(folder, 'bank/deep/a.tar.gz', anArchive())
    await under.told('ignored', 'bank/deep')
    await put(folder, 'last.tar.gz', anArchive())
    await under.told('published', 'last.tar.gz')
    const ignored = under.story().filter((line) => line.startsWith('ignored'))
    expect(ignored.sort()).to.deep.equal(
      ['Shop', 'bank/deep', 'model.tgz', 'model.zip'].map((name) => `ignored ${name}`),
    )
    expect(under.attempts).to.equal(1)
  })

  it('gives a file a safe name where its own is none', async () => {
    await put(folder, 'Modèle 1.tar.gz', anArchive())
    const { release } = await under.told('published')
    expect(release.filename).to.equal('Mod-le-1.tar.gz')
  })

  it('takes nothing more once it is stopped', async () => {
    await under.inbox.stop()
    const other = await anInbox({ folder })
    await other.inbox.start()
    await put(folder, 'a.tar.gz', anArchive())
    // Whatever watches this folder has seen it by then.
    await other.told('published', 'a.tar.gz')
    expect(under.attempts).to.equal(0)
  })
})

describe('Inbox, where something goes wrong', () => {
  it('drops a file that is written to while it is read, and takes it as it is then', async () => {
    const second = anArchive()
    let disturbed = false
    const under = await anInbox({
      around: (publish) => (body, terms) =>
        publish(
          (async function* () {
            for await (const chunk of body) {
              yield chunk
              if (disturbed) continue
              disturbed = true
              await truncate(file, 10)
              await writeFile(file, second)
            }
          })(),
          terms,
        ),
    })
    const file = await put(under.folder, 'a.tar.gz', anArchive({ payloadBytes: 600_000 }))
    await under.inbox.start()
    const { release } = await under.told('published', 'a.tar.gz')
    expect(release.size).to.equal(second.length)
    expect(await under.catalog.countReleases('default')).to.equal(1)
  })

  it('goes on where a file is removed before it is read', async () => {
    const under = await anInbox({
      around: (publish) => async (body, terms) => {
        if (terms.filename === 'a.tar.gz') await rm(path.join(under.folder, 'a.tar.gz'))
        return await publish(body, terms)
      },
    })
    await put(under.folder, 'a.tar.gz', anArchive(), 1000)
    await put(under.folder, 'b.tar.gz', anArchive(), 2000)
    await under.inbox.start()
    expect(under.story()).to.deep.equal(['waiting a.tar.gz', 'published b.tar.gz'])
  })

  it('publishes a file whole, or not at all, that is removed while it is read', async () => {
    const archive = anArchive({ payloadBytes: 600_000 })
    const under = await anInbox({
      around: (publish) => (body, terms) =>
        publish(
          (async function* () {
            for await (const chunk of body) {
              yield chunk
              await rm(path.join(under.folder, 'a.tar.gz'), { force: true })
            }
          })(),
          terms,
        ),
    })
    await put(under.folder, 'a.tar.gz', archive)
    await under.inbox.start()
    const { release } = await under.told('published', 'a.tar.gz')
    expect(release.size).to.equal(archive.length)
  })

  it('tries again after a failure of the server, in order, and remembers no refusal', async () => {
    let failures = 2
    const under = await anInbox({
      around: (publish) => (body, terms) => {
        if (terms.filename === 'a.tar.gz' && failures-- > 0) {
          return Promise.reject(new DomainError('disk-full', 'The disk is full.'))
        }
        return publish(body, terms)
      },
    })
    await put(under.folder, 'a.tar.gz', anArchive(), 1000)
    await put(under.folder, 'b.tar.gz', anArchive(), 2000)
    await put(under.folder, 'shop/c.tar.gz', anArchive(), 3000)
    await under.inbox.start()
    expect(under.story()).to.deep.equal(['failed a.tar.gz', 'published shop/c.tar.gz'])
    await under.told('published', 'b.tar.gz')
    expect(under.story().slice(2)).to.deep.equal([
      'failed a.tar.gz',
      'published a.tar.gz',
      'published b.tar.gz',
    ])
    const pauses = under.events.map((event) => (event.kind === 'failed' ? event.retryInMs : 0))
    expect(pauses.filter((pause) => pause > 0)).to.deep.equal([50, 100])
  })

  it('says once that the catalog cannot be read, and goes on when it can', async () => {
    const under = await anInbox({ timings: { rescanMs: 50 } })
    const find = under.catalog.findIntakeRecord.bind(under.catalog)
    let failures = 3
    under.catalog.findIntakeRecord = (file) =>
      failures-- > 0 ? Promise.reject(new DomainError('catalog-busy', 'Busy.')) : find(file)
    await put(under.folder, 'a.tar.gz', anArchive())
    await under.inbox.start()
    await under.told('published', 'a.tar.gz')
    expect(under.story().filter((line) => line === 'scan-failed')).to.have.length(1)
  })

  it('finds what the file system gives no news of', async () => {
    const under = await anInbox({ timings: { rescanMs: 100 } })
    await mkdir(path.join(under.folder, 'shop'))
    await under.inbox.start()
    await put(under.folder, 'shop/a.tar.gz', anArchive())
    await under.told('published', 'shop/a.tar.gz')
  })
})
