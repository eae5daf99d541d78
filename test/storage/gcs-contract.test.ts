import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { openGcsStore } from '../../storage/gcs/gcs-store.ts'
import { describeObjectStore } from '../contracts/object-store.ts'
import { shortOrLong } from '../support/long-form.ts'
import { startFakeGcsServer } from '../support/services/fake-gcs-server.ts'
import { withService } from '../support/services/service-process.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

describe('with fake-gcs-server', () => {
  const fakeGcsServer = withService(startFakeGcsServer)
  const large = process.env['SLOW'] === '1' ? 300_000_000 : 20 * 1024 * 1024 + 7
  // A page has 1,000.
  const many = shortOrLong('objects that Google Cloud Storage lists: two pages instead of three', {
    short: 1_010,
    long: 2_500,
  })

  describeObjectStore(
    'Google Cloud Storage',
    async () => {
      const { endpointUrl, makeBucket } = fakeGcsServer()
      await makeBucket('models')
      const store = await openGcsStore({
        kind: 'gcs',
        bucket: 'models',
        folder: `a folder/${randomUUID()}`,
        endpointUrl,
        spool: path.join(await temporaryDirectory(), 'spool'),
      })
      afterThisTest(() => store.close())
      return { store }
    },
    { large, many },
  )
})
