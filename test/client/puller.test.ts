import { expect } from 'chai'
import { chmod, chown, mkdir, readFile, readdir, rename, rm, symlink, utimes } from 'node:fs/promises'
import path from 'node:path'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const [one, two] = [anArchive(), anArchive()]

/** Does `work` as somebody whom the modes of files keep out, and who owns the folder. */
async function withoutRights(folder: string, work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work()
  await chown(folder, 65534, 65534)
  process.seteuid?.(65534)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('a puller', () => {
  it('may be lost beside an archive that is a symbolic link: it stays in place and counts as installed', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    const elsewhere = path.join(await temporaryDirectory(), 'kept.tar.gz')
    const [name = ''] = Object.keys(await archivesOf(to))
    await rename(path.join(to, name), elsewhere)
    await symlink(elsewhere, path.join(to, name))
    await rm(path.join(to, '.slipway/state.json'))
    server.answer = (_request, response) => response.writeHead(503).end()
    const event = await pullerOf(server.url, to, { idleTimeout: 300 }).pull()
    expect(event).to.include({ event: 'offline', digest: digestOf(one) })
    server.answer = serveArchive(two, { headers: { filename: name } })
    expect(await pullerOf(server.url, to).pull()).to.include({ event: 'installed' })
    expect(digestOf(await readFile(elsewhere))).to.equal(digestOf(one))
  })

  it('may be asked again and again', async () => {
    const server = await lyingServer(serveArchive(one))
    const { puller } = pullerOf(server.url, await temporaryDirectory())
    expect((await puller.pull()).event).to.equal('installed')
    expect((await puller.pull()).event).to.equal('unchanged')
    await puller.close()
  })

  it('gives the lock back where what is remembered of the folder cannot be read', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    const state = path.join(to, '.slipway', 'state.json')
    await mkdir(state, { recursive: true })
    expect(await pullerOf(server.url, to).pull()).to.include({ event: 'failed', kind: 'disk' })
    expect(await readdir(path.join(to, '.slipway'))).to.deep.equal(['state.json'])
    await rm(state, { recursive: true })
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
  })

  it('goes on watching where the archive in place cannot be read, until it can be', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await withoutRights(to, async () => {
      const { puller } = pullerOf(server.url, to, { interval: 50 })
      const seen: string[] = []
      for await (const event of puller.watch()) {
        seen.push(event.event === 'failed' ? `failed: ${event.kind}` : event.event)
        const [name = ''] = await readdir(to).then((names) => names.filter((each) => each.endsWith('.gz')))
        if (event.event === 'unchanged') break
        if (event.event === 'failed') await chmod(path.join(to, name), 0o600)
        else {
          await utimes(path.join(to, name), 1, 1)
          await chmod(path.join(to, name), 0)
        }
      }
      expect(seen.slice(0, 2)).to.deep.equal(['installed', 'failed: disk'])
    })
  })

  it('fails at once where no folder can be made', async () => {
    const server = await lyingServer(serveArchive(one))
    expect(await pullerOf(server.url, '/proc/slipway/models').pull()).to.include({ kind: 'disk' })
  })
})
