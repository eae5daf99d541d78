import { expect } from 'chai'
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot } from './rasa-bot.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

const persistor = path.resolve(import.meta.dirname, '../../client/rasa/slipway_persistor.py')

describe('a real Rasa bot with our persistor', () => {
  after(endSuite)

  it('starts with what a tag points at, without polling', async () => {
    const folder = await suiteFolder()
    const server = await startSlipway(path.join(folder, 'server'))
    await publishByCurl(server.url, 'rasa-3.6-light-v2.tar.gz')
    const modules = path.join(folder, 'modules')
    await mkdir(modules)
    await copyFile(persistor, path.join(modules, 'slipway_persistor.py'))
    const bot = await startRasaBot(path.join(folder, 'bot'), undefined, {
      env: { PYTHONPATH: modules, SLIPWAY_URL: server.url },
      more: ['--remote-storage', 'slipway_persistor.SlipwayPersistor', '--model', 'default@latest'],
    })
    const question = 'do you bake birthday cakes'
    await until('the bot has its model', coldStartSeconds, async () => (await bot.intentOf(question)) !== '')
    expect(await bot.intentOf(question)).to.equal('birthday_cake')
  })
})
