import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { skipTest } from '../support/skip-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const PROGRAM = path.join(import.meta.dirname, 'publishing-program.ts')

describe('SqliteCatalog, when the machine fails', function () {
  this.timeout(60_000)
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await temporaryDirectory()
    file = path.join(folder, 'catalog.sqlite')
  })

  describe('and its system calls', () => {
    before(async function () {
      if (!(await canRun('strace', ['-V']))) skipTest(this, 'strace is not installed')
    })

    it('syncs each write once before it resolves', async () => {
      const trace = path.join(folder, 'trace')
      const lines = await run('strace', [
        '-f',
        '-o',
        trace,
        '-e',
        'trace=fsync,fdatasync,write',
        ...program(3),
      ])
      expect(lines).to.deep.equal(['open', 'published 1', 'published 2', 'published 3', 'readable 3'])
      const calls = await run('grep', ['-oE', '(fsync|fdatasync)\\(|write\\(1, "(open|published)', trace])
      const sinceOpen = calls.slice(calls.indexOf('write(1, "open'))
      const syncs = sinceOpen.filter((call) => call.startsWith('f')).length
      expect(syncs).to.be.at.least(3)
      const firstPublished = sinceOpen.indexOf('write(1, "published')
      expect(sinceOpen.slice(1, firstPublished).some((call) => call.startsWith('f'))).to.equal(true)
    })

    it('takes no more writes once a sync has failed, and can still be read', async () => {
      const lines = await run('strace', [...failing('error=EIO:when=11+'), ...program(3)])
      const failed = 'catalog-unavailable'
      expect(lines).to.deep.equal(['open', 'unwritable', failed, failed, failed, 'readable 0'])
    })

    it('takes writes again by itself once the disk does, and loses none that it resolved', async () => {
      const lines = await run('strace', [...failing('error=EIO:when=11..13'), ...program(3), '20'])
      expect(lines).to.deep.equal([
        'open',
        'unwritable',
        'catalog-unavailable',
        'writable',
        'published 1',
        'published 2',
        'readable 2',
      ])
      const catalog = await openSqliteCatalog(file)
      expect(await catalog.countReleases('shop')).to.equal(2)
      await catalog.close()
    })

    it('keeps every write that it resolved, and no half one, wherever it is killed', async () => {
      for (const when of [1, 4, 8, 10, 11, 12, 14]) {
        const own = path.join(folder, `killed-at-${when}.sqlite`)
        const lines = await run('strace', [...failing(`signal=KILL:when=${when}`), ...program(5, own)])
        const acknowledged = lines.filter((line) => line.startsWith('published')).length
        const catalog = await openSqliteCatalog(own)
        const highest = (await catalog.highestRelease('shop'))?.number ?? 0
        const latest = (await catalog.findTag('shop', 'latest'))?.release ?? 0
        await catalog.close()
        expect(highest, `killed at sync ${when}`).to.be.within(acknowledged, acknowledged + 1)
        expect(latest, `killed at sync ${when}`).to.equal(highest)
      }
    })
  })

  it('names a full disk, changes nothing then, and can still be read', async function () {
    const inNamespace = (script: string) => ['-Urm', 'sh', '-c', script, 'sh', folder]
    // Room for two or three releases beside the empty catalog, which grows with each migration.
    const size = (await sizeOfEmptyCatalog()) + 400_000
    const mount = `mount -t tmpfs -o size=${size} tmpfs "$1"`
    if (!(await canRun('unshare', inNamespace(mount))))
      skipTest(this, 'mounting in a namespace is not allowed')
    const [node = '', ...rest] = program(6, file, 150_000)
    const script = `${mount} && shift && exec "$@"`
    const lines = await run('unshare', [...inNamespace(script), node, ...rest])
    const published = lines.filter((line) => line.startsWith('published')).length
    expect(published).to.be.within(1, 4)
    expect(lines.at(-2)).to.equal('disk-full')
    expect(lines.at(-1)).to.equal(`readable ${published}`)
  })

  function program(count: number, catalogFile = file, notesBytes = 0): string[] {
    return [process.execPath, PROGRAM, catalogFile, String(count), String(notesBytes)]
  }
})

/** Bytes of the files of an open catalog that holds nothing. */
async function sizeOfEmptyCatalog(): Promise<number> {
  const folder = await temporaryDirectory()
  const catalog = await openSqliteCatalog(path.join(folder, 'catalog.sqlite'))
  const files = await Promise.all((await readdir(folder)).map((name) => stat(path.join(folder, name))))
  await catalog.close()
  return files.reduce((sum, { size }) => sum + size, 0)
}

function failing(fault: string): string[] {
  return ['-f', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:${fault}`]
}

/** The lines that a command wrote before it ended, or was ended. */
async function run(command: string, given: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(command, given).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error && 'signal' in error && error.signal === 'SIGKILL') {
      return { stdout: String(error.stdout) }
    }
    throw error
  })
  return stdout.split('\n').filter((line) => line !== '')
}

async function canRun(command: string, given: string[]): Promise<boolean> {
  return await promisify(execFile)(command, given).then(
    () => true,
    () => false,
  )
}
