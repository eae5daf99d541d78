import { once } from 'node:events'
import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { startServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, spawnTool } from '../upkeep/data-server.ts'

/** What others than its owner may do with a folder and all that is in it, as octal digits by path. */
async function openToOthers(folder: string): Promise<string[]> {
  const open: string[] = []
  const names = await readdir(folder, { recursive: true })
  for (const name of ['', ...names]) {
    const { mode } = await stat(path.join(folder, name))
    if ((mode & 0o077) !== 0) open.push(`${name} ${(mode & 0o777).toString(8)}`)
  }
  return open
}

describe('the files of a server', function () {
  this.timeout(60_000)

  it('are for its own user alone whatever the umask, and the inbox is as the umask has it', async () => {
    const folder = await temporaryDirectory()
    // As an earlier version left it.
    await mkdir(path.join(folder, 'data'))
    await chmod(path.join(folder, 'data'), 0o755)
    const server = await startServer({ folder, under: ['bash', '-c', 'umask 002; exec "$@"', '--'] })
    await publishTo(server.url, anArchive())
    const backup = spawnTool('backup', [path.join(folder, 'backup')], { DATA_DIR: path.join(folder, 'data') })
    await once(backup, 'exit')
    expect(await readdir(path.join(folder, 'backup'))).to.include('blobs')
    expect(await openToOthers(path.join(folder, 'backup'))).to.deep.equal([])
    server.kill('SIGTERM')
    expect(await server.ended).to.equal(0)
    expect(await readdir(path.join(folder, 'data'))).to.include.members([
      'catalog.sqlite',
      'blobs',
      'current.json',
    ])
    expect(await openToOthers(path.join(folder, 'data'))).to.deep.equal([])
    expect((await stat(path.join(folder, 'models'))).mode & 0o777).to.equal(0o775)
  })
})
