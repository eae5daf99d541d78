import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { openS3Store } from '../../storage/s3/s3-store.ts'
import { describeObjectStore } from '../contracts/object-store.ts'
import { shortOrLong } from '../support/long-form.ts'
import { withService } from '../support/services/service-process.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

describe('with versitygw', () => {
  const versitygw = withService(startVersitygw)
  const large = process.env['SLOW'] === '1' ? 300_000_000 : 20 * 1024 * 1024 + 7
  // A page has 1,000.
  const many = shortOrLong('objects that S3 lists: two pages instead of three', {
    short: 1_010,
    long: 2_500,
  })

  for (const checksums of ['when-supported', 'when-required'] as const) {
    describeObjectStore(
      `S3 with checksums ${checksums}`,
      async () => {
        const { endpointUrl, region, credentials, makeBucket } = versitygw()
        await makeBucket('models')
        const store = await openS3Store({
          kind: 'aws',
          bucket: 'models',
          folder: `a folder/${randomUUID()}`,
          endpointUrl,
          region,
          credentials,
          checksums,
          spool: path.join(await temporaryDirectory(), 'spool'),
        })
        afterThisTest(() => store.close())
        return { store }
      },
      { large, many: checksums === 'when-supported' ? many : 20 },
    )
  }
})
