import { expect } from 'chai'
import path from 'node:path'
import { recordPolls, type PollRecorder } from './poll-recorder.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot, type RasaBot } from './rasa-bot.ts'
import { hasRasa } from './rasa-folder.ts'
import { startSlipway, type SlipwayServer } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { skipTest } from '../support/skip-test.ts'
import { until } from './until.ts'

const cakeQuestion = 'do you bake birthday cakes'

describe('a bot of Rasa 2.8', function () {
  this.bail(true)

  let server: SlipwayServer
  let recorder: PollRecorder
  let bot: RasaBot
  let loaded: string

  before(async function () {
    if (!hasRasa('2.8.34')) skipTest(this, 'needs Python 3.8, see scripts/test-rasa')
    const folder = await suiteFolder()
    server = await startSlipway(path.join(folder, 'server'))
    recorder = await recordPolls(server.url)
    await publishByCurl(server.url, 'rasa-2.8-light-v1.tar.gz')
    bot = await startRasaBot(path.join(folder, 'bot'), `${recorder.url}/models/default`, {
      release: '2.8.34',
    })
  })
  after(endSuite)

  /** Waits for a poll, later than those seen so far, that says that this release is in use. */
  const acknowledgementOf = (digest: string): Promise<string> => {
    const from = recorder.polls.length
    return until(`a poll carries ${digest}`, coldStartSeconds, () => {
      const poll = recorder.polls
        .slice(from)
        .find(({ ifNoneMatch }) => ifNoneMatch?.startsWith(`"${digest}.`))
      return poll?.ifNoneMatch
    })
  }

  it('loads an archive of its release, and names its process as Rasa 3 does', async () => {
    await until(
      'the bot has a model',
      coldStartSeconds,
      async () => (await bot.intentOf('hello')) === 'hello',
    )
    const [first] = recorder.polls
    expect(first?.ifNoneMatch).to.match(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
    expect(first).to.include({ status: 200 })
  })

  it('follows the next release, and says so in its polls', async () => {
    const { digest } = await publishByCurl(server.url, 'rasa-2.8-light-v2.tar.gz')
    loaded = await acknowledgementOf(digest)
    expect(await bot.intentOf(cakeQuestion)).to.equal('birthday_cake')
    expect(loaded).to.contain(recorder.polls[0]?.ifNoneMatch)
  })

  it('keeps its model when it is offered an archive of Rasa 3, and its polls say so', async () => {
    const { digest } = await publishByCurl(server.url, 'rasa-3.6-light-v1.tar.gz')
    const offers = await until('the archive of Rasa 3 is offered twice', 90, () => {
      const seen = recorder.polls.filter(({ etag, status }) => status === 200 && etag?.includes(digest))
      return seen.length >= 2 && seen
    })
    for (const { ifNoneMatch } of offers) expect(ifNoneMatch).to.equal(loaded)
    expect(await bot.intentOf(cakeQuestion)).to.equal('birthday_cake')
  })
})
