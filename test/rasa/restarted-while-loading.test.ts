import { expect } from 'chai'
import path from 'node:path'
import type { Event } from '../../protocol/event.ts'
import { recordPolls } from './poll-recorder.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot } from './rasa-bot.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

describe('a real Rasa bot that is killed while it loads', () => {
  after(endSuite)

  it('is seen to have begun anew while loading, and to load the release then', async () => {
    const folder = await suiteFolder()
    const server = await startSlipway(path.join(folder, 'server'))
    const recorder = await recordPolls(server.url)
    const url = `${recorder.url}/models/default?instance=pod-1`
    const readBot = async () => {
      const answer = await fetch(`${server.url}/api/v1/bots/pod-1?model=default`)
      return (await answer.json()) as { state: string; release: number | null; timeline: Event[] }
    }
    await publishByCurl(server.url, 'rasa-3.6-light-v1.tar.gz')
    const first = await startRasaBot(path.join(folder, 'first'), url)
    await until('the bot runs release 1', coldStartSeconds, async () => (await readBot()).release === 1)

    const { digest } = await publishByCurl(server.url, 'rasa-3.6-light-v2.tar.gz')
    await until('the bot is sent release 2', 60, () =>
      recorder.polls.some(({ status, etag }) => status === 200 && etag?.includes(digest) === true),
    )
    await first.kill()
    expect(await readBot()).to.include({ state: 'loading', release: 1 })
    await startRasaBot(path.join(folder, 'second'), url)
    const { timeline } = await until('the bot runs release 2', coldStartSeconds, async () => {
      const bot = await readBot()
      return bot.state === 'running' && bot.release === 2 && bot
    })
    const kinds = timeline.map(({ data }) => (data as { kind?: string }).kind)
    expect(kinds).to.include('restarted-while-loading').and.not.include('load-failed')
  })
})
