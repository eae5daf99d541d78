import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { composeServer } from '../../../server/composition/compose.ts'
import { loadConfig } from '../../../server/config/config.ts'
import { eventually } from '../../support/eventually.ts'
import { searchedLog } from '../../support/log-lines.ts'
import { newCatalogFile } from '../../support/new-catalog-file.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('a server that was closed', () => {
  it('leaves nothing in the memory of an application that goes on', async () => {
    const closed = await startAndClose()
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const isCollected = () => {
      collect()
      return closed.deref() === undefined
    }
    await eventually('it is collected', isCollected, 20_000)
  })
})

/** What it counted in, which its requests, its tasks and its metrics hold. */
async function startAndClose(): Promise<WeakRef<object>> {
  const folder = await temporaryDirectory()
  await mkdir(path.join(folder, 'data'))
  await newCatalogFile(path.join(folder, 'data/catalog.sqlite'))
  const config = loadConfig({ DATA_DIR: 'data', MODELS_DIR: 'models' }, folder)
  const server = await composeServer(config, searchedLog(), { now: () => Date.now() })
  await server.start()
  await server.stop()
  await server.close()
  return new WeakRef(server.traffic)
}
