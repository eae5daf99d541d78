import { startFakeGcsServer } from '../../support/services/fake-gcs-server.ts'
import { onlyInLongForm } from '../../support/long-form.ts'
import { withService } from '../../support/services/service-process.ts'
import type { Cloud } from './cloud.ts'
import { describeBlobStorage } from './describe-blob-storage.ts'
import { describeExport } from './describe-export.ts'
import { describeImport } from './describe-import.ts'
import { describeLargeArchives } from './describe-large-archives.ts'
import { describeOutage } from './describe-outage.ts'
import { describeOwnership } from './describe-ownership.ts'
import { describeRecovery } from './describe-recovery.ts'
import { describeProgram } from './describe-program.ts'
import { describeStallingStore } from './describe-stalling-store.ts'
import { describeRasaStorage } from './describe-rasa-storage.ts'

describe('Google Cloud Storage', function () {
  // Tests start programs and wait for facts: on a quiet machine seconds, on a busy one more than mocha's default.
  this.timeout(120_000)
  before(function () {
    onlyInLongForm(this, 'the same over S3, and the contract of stores over each')
  })
  const fakeGcsServer = withService(startFakeGcsServer)

  const cloud = (): Cloud => {
    const { port, makeBucket } = fakeGcsServer()
    return {
      name: 'Google Cloud Storage',
      kind: 'gcs',
      scheme: 'gs',
      port,
      makeBucket,
      bucketVariable: 'BUCKET_NAME',
      endpointVariable: 'SLIPWAY_GCS_ENDPOINT_URL',
      secrets: [],
      env: (at = port) => ({ SLIPWAY_GCS_ENDPOINT_URL: `http://127.0.0.1:${at}` }),
    }
  }

  describeBlobStorage(cloud)
  describeOutage(cloud)
  describeStallingStore(cloud)
  describeOwnership(cloud)
  describeRecovery(cloud)
  describeImport(cloud)
  describeExport(cloud)
  describeLargeArchives(cloud)
  describeRasaStorage(cloud, false)
  describeProgram(cloud, [
    { what: 'no bucket that exists', env: () => ({ BUCKET_NAME: 'no-such-bucket' }), names: 'BUCKET_NAME' },
    {
      what: 'no key file that exists',
      env: () => ({ GOOGLE_APPLICATION_CREDENTIALS: '/no/such/file.json' }),
      names: 'GOOGLE_APPLICATION_CREDENTIALS',
    },
    {
      what: 'an address where nobody answers',
      env: (cloud) => cloud.env(1),
      names: 'SLIPWAY_GCS_ENDPOINT_URL',
      exitCode: 1,
    },
  ])
})
