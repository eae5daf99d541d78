import { expect } from 'chai'
import path from 'node:path'
import { recordPolls } from './poll-recorder.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot } from './rasa-bot.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

describe('a real Rasa bot with two workers', () => {
  after(endSuite)

  it('polls as two processes, and both acknowledge what they loaded', async () => {
    const folder = await suiteFolder()
    const server = await startSlipway(path.join(folder, 'server'))
    const recorder = await recordPolls(server.url)
    const { digest } = await publishByCurl(server.url, 'rasa-3.6-light-v1.tar.gz')
    await startRasaBot(path.join(folder, 'bot'), `${recorder.url}/models/default?instance=pod-1`, {
      // Rasa starts several workers only with a shared lock store; nobody needs to answer there until a message comes.
      endpoints: { lock_store: { type: 'redis', url: '127.0.0.1', port: 6379 } },
      env: { SANIC_WORKERS: '2' },
    })

    const acknowledged = await until('two processes have loaded the release', coldStartSeconds, () => {
      const tags = new Set(
        recorder.polls.filter(({ status }) => status === 304).map((poll) => poll.ifNoneMatch),
      )
      return tags.size >= 2 && [...tags]
    })
    const names = new Set(
      recorder.polls.map(({ ifNoneMatch = '' }) => /[0-9a-f]{32}(?="?$)/.exec(ifNoneMatch)?.[0]),
    )
    expect(acknowledged).to.have.members([...names].map((name) => `"${digest}.${name ?? ''}"`))

    const bots = await fetch(`${server.url}/api/v1/bots?model=default`)
    const { items } = (await bots.json()) as { items: Record<string, unknown>[] }
    expect(items).to.have.length(1)
    expect(items[0]).to.include({ bot: 'pod-1', processes: 2, state: 'running', release: 1 })
  })
})
