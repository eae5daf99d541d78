import { expect } from 'chai'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../support/free-port.ts'
import { startChild, type Child } from './child.ts'
import { recordPolls, type PollRecorder } from './poll-recorder.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot, type RasaBot } from './rasa-bot.ts'
import { startSlipway, type SlipwayServer } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

const question = 'do you bake birthday cakes'
const page = new URL('../../docs/puller.md', import.meta.url)
const program = path.resolve(import.meta.dirname, '../../client/cli/main.ts')

describe('the documented sidecar beside a real Rasa bot', function () {
  this.bail(true)

  let folder: string
  let models: string
  let port: number
  let server: SlipwayServer
  let recorder: PollRecorder
  let sidecar: Child
  let bot: RasaBot
  let first: string
  let newest: string

  before(async () => {
    folder = await suiteFolder()
    models = path.join(folder, 'models')
    port = await freePort()
    server = await startSlipway(path.join(folder, 'server'))
    recorder = await recordPolls(server.url)
  })
  after(endSuite)

  it('keeps a release in place, and does not acknowledge it, while there is no bot yet', async () => {
    first = (await publishByCurl(server.url, 'rasa-3.6-light-v1.tar.gz')).digest
    sidecar = await startSidecar()
    await said('the bot answered 000', 2)
    expect(await archives()).to.deep.equal(['rasa-3.6-light-v1.tar.gz'])
    expect(acknowledged(first)).to.equal(false)
  })

  it('has a bot that starts later use the release, and acknowledges it', async () => {
    bot = await startBot()
    expect(await bot.intentOf(question)).to.equal('hello')
    await until('the release is acknowledged', 60, () => acknowledged(first))
  })

  it('has a running bot take the next release', async () => {
    const { digest } = await publishByCurl(server.url, 'rasa-3.6-light-v2.tar.gz')
    await until('the release is acknowledged', 120, () => acknowledged(digest))
    expect(await bot.intentOf(question)).to.equal('birthday_cake')
  })

  it('tries a release again that a bot was loading when it died, once the bot is back', async () => {
    // A stopped process takes the connection and answers nothing, as one that is loading.
    bot.freeze()
    const { digest } = await publishByCurl(server.url, 'rasa-3.6-light-v1-again.tar.gz')
    await until('the bot is told', 60, () => hasConnection(port))
    await bot.kill()
    await said('the bot answered 000')
    expect(acknowledged(digest)).to.equal(false)
    bot = await startBot()
    expect(await bot.intentOf(question)).to.equal('hello')
    await until('the release is acknowledged', 60, () => acknowledged(digest))
    newest = digest
  })

  it('puts the release before back where the bot refuses one, and does not fetch that again', async () => {
    // Both are said within moments: who began to wait for the second after the first could wait for another one.
    const told = Promise.all([said('the bot answered 400'), said('was removed again')])
    const { digest } = await publishByCurl(server.url, 'rasa-3.6-light-older-version.tar.gz')
    await told
    const polls = recorder.polls.length
    await until('the source is asked twice more', 120, () => recorder.polls.length >= polls + 2)
    for (const { ifNoneMatch } of recorder.polls.slice(polls)) expect(ifNoneMatch).to.include(newest)
    expect(acknowledged(digest)).to.equal(false)
    expect(sidecar.output().match(/the bot answered 400/g)).to.have.length(1)
    expect(await bot.intentOf(question)).to.equal('hello')
    expect((await archives())[0]).to.equal('rasa-3.6-light-v1-again.tar.gz')
    expect(await archives()).not.to.include('rasa-3.6-light-older-version.tar.gz')
  })

  it('goes on with the release after one that was refused', async () => {
    await publishByCurl(server.url, 'rasa-3.6-light-v2.tar.gz')
    await until('the bot uses it', 120, async () => (await bot.intentOf(question)) === 'birthday_cake')
  })

  /** Starts the command of the page word for word, but for addresses and the folder. */
  async function startSidecar(): Promise<Child> {
    const text = await readFile(page, 'utf8')
    const command = (/## A sidecar\n[^]*?```\n([^]*?)```/.exec(text)?.[1] ?? expect.fail('no such command'))
      .replace('http://slipway:5080/models/shop@production', `${recorder.url}/models/default`)
      .replace('--to /models', `--to ${models}`)
      .replace('localhost:5005', `localhost:${port}`)
    const programs = path.join(folder, 'bin')
    await mkdir(programs)
    await writeFile(
      path.join(programs, 'slipway'),
      `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`,
    )
    await chmod(path.join(programs, 'slipway'), 0o755)
    const env = { PATH: `${programs}:${process.env['PATH'] ?? ''}` }
    return startChild('sh', ['-c', command], { folder, env })
  }

  function startBot(): Promise<RasaBot> {
    return startRasaBot(path.join(folder, 'bot'), undefined, { port, more: ['--model', models] })
  }

  /** Waits until the sidecar has said this once more, or so many times more. */
  async function said(words: string, times = 1): Promise<void> {
    const count = (): number => sidecar.output().split(words).length - 1
    const from = count()
    await until(`the sidecar says: ${words}`, coldStartSeconds, () => {
      if (!sidecar.running()) throw new Error(sidecar.output())
      return count() >= from + times
    })
  }

  /** The archives in the folder, newest first: a bot that starts takes the first. */
  async function archives(): Promise<string[]> {
    const names = (await readdir(models)).filter((name) => name.endsWith('.tar.gz'))
    const times = await Promise.all(
      names.map(async (name) => ({ name, time: (await stat(path.join(models, name))).mtimeMs })),
    )
    return times.toSorted((one, other) => other.time - one.time).map(({ name }) => name)
  }

  /** Whether a poll has said that this release is in use. */
  function acknowledged(digest: string): boolean {
    return recorder.polls.some(
      ({ ifNoneMatch, status }) => status === 304 && ifNoneMatch?.includes(digest) === true,
    )
  }
})

/** Whether a client of a port of loopback is connected to it. */
async function hasConnection(port: number): Promise<boolean> {
  const established = '01'
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n')
  return lines.some((line) => {
    const [, , remote = '', state] = line.trim().split(/\s+/)
    return remote.endsWith(`:${hex}`) && state === established
  })
}
