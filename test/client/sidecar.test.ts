import { expect } from 'chai'
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PullEvent } from '../../client/index.ts'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf } from '../support/client-folder.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { lyingServer } from '../support/lying-server.ts'
import type { LyingServer } from '../support/lying-server.ts'
import { programPath } from '../support/program-path.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { skipTest } from '../support/skip-test.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const PAGE = new URL('../../docs/puller.md', import.meta.url)
const BOT = fileURLToPath(new URL('../support/fake-bot.ts', import.meta.url))
const MAIN = programPath('client/cli/main.ts')

const [good, next] = [anArchive(), anArchive()]

/** A folder, a server, and a bot that uses the folder; the bot is not started yet. */
interface Scene {
  to: string
  server: LyingServer
  startBot: () => ChildProcess
  /** The digest of what the bot runs; undefined where it cannot be asked. */
  running: () => Promise<string | null | undefined>
  /** Writes down what the bot cannot load, or that it ends at the next PUT. */
  note: (name: 'bad' | 'crash', text: string) => Promise<void>
  /** Runs the command of the page, with --watch or once; its lines so far. */
  sidecar: (options?: { once?: boolean; offlineOk?: boolean }) => Sidecar
}

interface Sidecar {
  events: (PullEvent & { path: string | null })[]
  ended: Promise<number | null>
}

async function scene(): Promise<Scene> {
  const [to, notes, port] = [await temporaryDirectory(), await temporaryDirectory(), await freePort()]
  const server = await lyingServer(serveArchive(good))
  const line = await documentedLine()
  return {
    to,
    server,
    startBot: () => started(spawn(process.execPath, [BOT, String(port), to, notes], { stdio: 'inherit' })),
    running: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined)
      return answer && ((await answer.json()) as { running: string | null }).running
    },
    note: (name, text) => writeFile(path.join(notes, name), text),
    sidecar: ({ once: isOnce = false, offlineOk = false } = {}) => {
      const command = line
        .replace('slipway pull', `exec '${process.execPath}' '${MAIN}' pull --json`)
        .replace('http://slipway:5080/models/shop@production', server.url)
        .replace('--to /models', `--to '${to}'`)
        .replace('localhost:5005', `127.0.0.1:${port}`)
        .replace('--watch --interval 30', isOnce ? '' : '--watch --interval 0.2')
      const child = started(
        spawn('/bin/sh', ['-c', offlineOk ? command.replace('--json', '--json --offline-ok') : command], {
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      )
      const events: Sidecar['events'] = []
      let text = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        const lines = (text + chunk.toString()).split('\n')
        text = lines.pop() ?? ''
        events.push(...lines.map((each) => JSON.parse(each) as Sidecar['events'][number]))
      })
      return { events, ended: once(child, 'close').then(([code]) => code as number | null) }
    },
  }
}

/** The command under "A sidecar" of the page, as people copy it. */
async function documentedLine(): Promise<string> {
  const page = await readFile(PAGE, 'utf8')
  const found = /## A sidecar\n[^]*?```\n([^]*?)```/.exec(page)?.[1]
  return found ?? expect.fail('the page has no command for a sidecar')
}

function started(child: ChildProcess): ChildProcess {
  afterThisTest(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

describe('the documented sidecar', function () {
  this.timeout(60_000)
  before(function () {
    try {
      execFileSync('curl', ['--version'], { stdio: 'ignore' })
    } catch {
      skipTest(this, 'needs curl')
    }
  })

  it('waits for a bot that starts later, with the archive in place and unacknowledged', async () => {
    const { to, server, startBot, running, sidecar } = await scene()
    const { events } = sidecar()
    await eventually('the command was postponed', () =>
      events.some((event) => event.event === 'failed' && event.kind === 'postponed'),
    )
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(good)])
    expect(server.seen.map(({ headers }) => headers['if-none-match'])).not.to.include(`"${digestOf(good)}"`)
    startBot()
    await eventually('the install was acknowledged', () =>
      events.some(({ event }) => event === 'installed' || event === 'unchanged'),
    )
    expect(await running()).to.equal(digestOf(good))
    expect(events.some((event) => event.refused !== undefined)).to.equal(false)
  })

  it('gets the new archive into a bot that restarts during the update', async () => {
    const { to, server, startBot, running, note, sidecar } = await scene()
    const bot = startBot()
    const { events } = sidecar()
    await eventually('the first archive is in use', () => events.some(({ event }) => event === 'unchanged'))
    await note('crash', '')
    server.answer = serveArchive(next)
    await once(bot, 'exit')
    expect(Object.values(await archivesOf(to))).to.include(digestOf(good))
    startBot()
    await eventually('the bot runs the new archive and it is acknowledged', async () => {
      const last = events.at(-1)
      return last?.event === 'unchanged' && last.digest === digestOf(next) && (await running())
    })
    expect(await running()).to.equal(digestOf(next))
  })

  it('brings a bot that restarted with a bad archive back to the one before', async () => {
    const { to, server, startBot, running, note, sidecar } = await scene()
    const bot = startBot()
    const { events } = sidecar()
    await eventually('the first archive is in use', () => events.some(({ event }) => event === 'unchanged'))
    await note('bad', digestOf(next))
    await note('crash', '')
    server.answer = serveArchive(next)
    await once(bot, 'exit')
    await eventually('the command was postponed', () =>
      events.some((event) => event.event === 'failed' && event.kind === 'postponed'),
    )
    startBot()
    await eventually('the bad archive is refused', () =>
      events.some((event) => event.event === 'failed' && event.kind === 'refused'),
    )
    expect(await running()).to.equal(digestOf(good))
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(good)])
  })

  it('keeps the archive before where the bot refuses a new one for good, and shows the refusal', async () => {
    const { to, server, startBot, running, note, sidecar } = await scene()
    startBot()
    await eventually('the bot answers', async () => (await running()) !== undefined)
    await sidecar({ once: true }).ended
    await note('bad', digestOf(next))
    server.answer = serveArchive(next)
    for (const [offlineOk, expected] of [
      [false, 6],
      [false, 6],
      [true, 0],
    ] as const) {
      const { events, ended } = sidecar({ once: true, offlineOk })
      expect(await ended).to.equal(expected)
      const [last] = events
      expect(last).to.include({ event: 'failed', kind: 'refused', digest: digestOf(good) })
      expect(last?.refused?.map(({ digest }) => digest)).to.deep.equal([digestOf(next)])
    }
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(good)])
    expect(await running()).to.equal(digestOf(good))
  })
})
