import { expect } from 'chai'
import path from 'node:path'
import { freePort } from '../support/free-port.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot, type RasaBot } from './rasa-bot.ts'
import { startSlipway, type SlipwayServer } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

const question = 'do you bake birthday cakes'
const tokens = { publish: 'only-the-pipeline-has-this', pull: 'every-bot-has-this' }

describe('a real Rasa bot that starts before its server, which asks for tokens', function () {
  this.bail(true)

  let bot: RasaBot
  let server: SlipwayServer

  before(async () => {
    const folder = await suiteFolder()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/models/default`
    bot = await startRasaBot(path.join(folder, 'bot'), undefined, {
      endpoints: { models: { url, token: tokens.pull, wait_time_between_pulls: 2 } },
    })
    server = await startSlipway(path.join(folder, 'server'), {
      port,
      env: { SLIPWAY_PUBLISH_TOKEN: tokens.publish, SLIPWAY_PULL_TOKEN: tokens.pull },
    })
  })
  after(endSuite)

  const intentBecomes = (intent: string): Promise<boolean> =>
    until(`the bot takes the question for ${intent}`, coldStartSeconds, async () => {
      return (await bot.intentOf(question)) === intent
    })

  it('loads what is published once the server is there', async () => {
    await publishByCurl(server.url, 'rasa-3.6-light-v1.tar.gz', { token: tokens.publish })
    await intentBecomes('hello')
  })

  it('goes on answering while the server is away, killed without warning', async () => {
    await server.kill()
    expect(await bot.intentOf(question)).to.equal('hello')
  })

  it('follows the next release when the server is back', async () => {
    await server.restart()
    await publishByCurl(server.url, 'rasa-3.6-light-v2.tar.gz', { token: tokens.publish })
    await intentBecomes('birthday_cake')
  })

  it('is not answered with the token of another', async () => {
    const answer = await fetch(`${server.url}/models/default?token=nobody-has-this`)
    expect(answer.status).to.equal(401)
  })
})
