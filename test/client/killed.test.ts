import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { shortOrLong } from '../support/long-form.ts'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { programPath } from '../support/program-path.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const CHILD = programPath('test/support/pull-program.ts')
const STEPS = ['journal', 'aside', 'time', 'rename', 'command', 'remember', 'prune']

/** Runs the child to its end, or to its own; resolves with the signal that ended it. */
async function run(args: string[], killAfter?: number): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  if (killAfter !== undefined) {
    await Promise.race([ended, sleep(killAfter)])
    child.kill('SIGKILL')
  }
  return (await ended)[1]
}

describe('a puller that is killed', () => {
  for (const filename of ['same.tar.gz', undefined]) {
    for (const step of STEPS) {
      it(`after "${step}", ${filename ?? 'other names'}: old or new is there, whole, and the next one finishes`, async () => {
        const [old, fresh] = [anArchive(), anArchive()]
        const headers = filename === undefined ? {} : { filename }
        const server = await lyingServer(serveArchive(old, { headers }))
        const to = await temporaryDirectory()
        await pullerOf(server.url, to).pull()
        server.answer = serveArchive(fresh, { headers })
        expect(await run([server.url, to, step])).to.equal('SIGKILL')
        const sound = [digestOf(old), digestOf(fresh)]
        const between = Object.values(await archivesOf(to))
        expect(between).not.to.have.length(0)
        for (const digest of between) expect(sound).to.include(digest)
        const event = await pullerOf(server.url, to).pull()
        expect(event).to.include({ digest: digestOf(fresh) })
        const after = Object.values(await archivesOf(to))
        expect(after).to.have.members(filename === undefined ? sound : [digestOf(fresh)])
      })
    }
  }

  it('between the rename and what it remembers: the next one hashes the file and fetches nothing', async () => {
    const archive = anArchive()
    const server = await lyingServer(serveArchive(archive))
    const to = await temporaryDirectory()
    expect(await run([server.url, to, 'rename'])).to.equal('SIGKILL')
    expect((await pullerOf(server.url, to).pull()).event).to.equal('unchanged')
    expect(server.seen.map(({ headers }) => headers['if-none-match'])[1]).to.equal(`"${digestOf(archive)}"`)
  })

  it('while its command runs: the command runs again at the next start', async () => {
    const server = await lyingServer(serveArchive(anArchive()))
    const to = await temporaryDirectory()
    const runs = `${to}/runs`
    // The command kills the puller, its parent, the first time.
    const command = `echo x >> ${runs}; [ $(wc -l < ${runs}) -gt 1 ] || kill -9 $PPID`
    expect(await run([server.url, to, 'none', command])).to.equal('SIGKILL')
    expect(await run([server.url, to, 'none', `[ -n "$SLIPWAY_PATH" ] && ${command}`])).to.equal(null)
    expect((await pullerOf(server.url, to).pull()).event).to.equal('unchanged')
  })

  it('at any instant: only whole archives are ever in the folder', async function () {
    const rounds =
      process.env['SLOW'] === '1'
        ? 200
        : shortOrLong('a puller that is killed at any instant: 4 times instead of 12', { short: 4, long: 12 })
    this.timeout(60_000 + rounds * 20_000)
    const archives = Array.from({ length: 4 }, () => anArchive({ payloadBytes: 3_000_000 }))
    const sound = new Set(archives.map(digestOf))
    const server = await lyingServer((request, response, turn) => {
      serveArchive(archives[(turn >> 1) % archives.length] ?? Buffer.alloc(0))(request, response, turn)
    })
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    for (let round = 0; round < rounds; round += 1) {
      await run([server.url, to], 150 + Math.random() * 300)
      const found = Object.values(await archivesOf(to))
      expect(found).not.to.have.length(0)
      for (const digest of found) expect(sound).to.include(digest)
    }
    expect((await pullerOf(server.url, to, { idleTimeout: 5000 }).pull()).event).to.be.oneOf([
      'installed',
      'unchanged',
    ])
  })
})
