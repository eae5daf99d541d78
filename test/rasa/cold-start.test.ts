import { expect } from 'chai'
import path from 'node:path'
import { recordPolls } from './poll-recorder.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot } from './rasa-bot.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

describe('two real Rasa bots that start on a release which they cannot load', () => {
  after(endSuite)

  it('ask again under the name that they drew, and load the next release', async () => {
    const folder = await suiteFolder()
    const server = await startSlipway(path.join(folder, 'server'))
    const recorder = await recordPolls(server.url)
    await publishByCurl(server.url, 'rasa-3.6-light-older-version.tar.gz')
    const bots = await Promise.all(
      ['one', 'two'].map((name) =>
        startRasaBot(path.join(folder, name), `${recorder.url}/models/default?instance=${name}`),
      ),
    )
    const namesOf = (instance: string): string[] =>
      recorder.polls
        .filter(({ path: polled }) => polled.includes(instance))
        .map((poll) => poll.ifNoneMatch ?? '')
    for (const name of ['one', 'two']) {
      await until(`${name} has polled three times`, 60, () => namesOf(name).length >= 3)
      expect(new Set(namesOf(name)).size, `names of ${name}`).to.equal(1)
    }
    expect(namesOf('one')[0]).not.to.equal(namesOf('two')[0])

    await publishByCurl(server.url, 'rasa-3.6-light-v2.tar.gz')
    for (const bot of bots) {
      await until('the bot has a model', coldStartSeconds, async () => {
        return (await bot.intentOf('do you bake birthday cakes')) === 'birthday_cake'
      })
    }
  })
})
