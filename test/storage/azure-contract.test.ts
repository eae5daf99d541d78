import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { openAzureStore } from '../../storage/azure/azure-store.ts'
import { describeObjectStore } from '../contracts/object-store.ts'
import { shortOrLong } from '../support/long-form.ts'
import { startAzurite } from '../support/services/azurite.ts'
import { withService } from '../support/services/service-process.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

describe('with azurite', () => {
  const azurite = withService(startAzurite)
  const large = process.env['SLOW'] === '1' ? 300_000_000 : 20 * 1024 * 1024 + 7
  // A page has 1,000.
  const many = shortOrLong('objects that Azure lists: two pages instead of three', {
    short: 1_010,
    long: 2_500,
  })

  describeObjectStore(
    'Azure Blob Storage',
    async () => {
      const { endpointUrl, accountName, accountKey, makeContainer } = azurite()
      await makeContainer('models')
      const store = await openAzureStore({
        kind: 'azure',
        container: 'models',
        folder: `a folder/${randomUUID()}`,
        accountName,
        accountKey,
        endpointUrl,
        spool: path.join(await temporaryDirectory(), 'spool'),
      })
      afterThisTest(() => store.close())
      return { store }
    },
    { large, many },
  )
})
