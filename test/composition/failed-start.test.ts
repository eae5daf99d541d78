import { expect } from 'chai'
import { rm, writeFile } from 'node:fs/promises'
import { pino } from 'pino'
import { composeServer } from '../../server/composition/compose.ts'
import { loadConfig } from '../../server/config/config.ts'
import { startComposed } from '../support/start-composed.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('a start that fails', () => {
  it('gives back what it took, so that the next one in the same process works', async () => {
    const folder = await temporaryDirectory()
    const config = loadConfig({ DATA_DIR: 'data', MODELS_DIR: 'models' }, folder)
    await writeFile(config.modelsDir ?? '', 'a file where the inbox should be')
    const start = () => composeServer(config, pino({ level: 'silent' }), { now: () => Date.now() })
    await start().then(
      () => expect.fail('it started'),
      (error: unknown) => expect(String(error)).to.match(/MODELS_DIR/),
    )
    await rm(config.modelsDir ?? '')
    const { url } = await startComposed(config)
    expect((await fetch(`${url}/readyz`)).status).to.equal(200)
  })
})
