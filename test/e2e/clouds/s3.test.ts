import { startVersitygw } from '../../support/services/versitygw.ts'
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

describe('S3', function () {
  // Tests start programs and wait for facts: on a quiet machine seconds, on a busy one more than mocha's default.
  this.timeout(300_000)
  const versitygw = withService(startVersitygw)

  const cloud = (): Cloud => {
    const { port, region, credentials, makeBucket } = versitygw()
    return {
      name: 'S3',
      kind: 'aws',
      scheme: 's3',
      port,
      makeBucket,
      bucketVariable: 'BUCKET_NAME',
      endpointVariable: 'AWS_ENDPOINT_URL',
      secrets: [credentials.secretAccessKey],
      env: (at = port) => ({
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: `http://127.0.0.1:${at}`,
      }),
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
  describeRasaStorage(cloud, true)
  describeProgram(cloud, [
    { what: 'no bucket that exists', env: () => ({ BUCKET_NAME: 'no-such-bucket' }), names: 'BUCKET_NAME' },
    { what: 'an unknown key', env: () => ({ AWS_ACCESS_KEY_ID: 'nobody' }), names: 'AWS_ACCESS_KEY_ID' },
    {
      what: 'a wrong secret',
      env: () => ({ AWS_SECRET_ACCESS_KEY: 'guessed-secret' }),
      names: 'AWS_SECRET_ACCESS_KEY',
    },
    {
      what: 'another region',
      env: () => ({ AWS_DEFAULT_REGION: 'eu-north-1' }),
      names: 'AWS_DEFAULT_REGION',
    },
    {
      what: 'an address where nobody answers',
      env: (cloud) => cloud.env(1),
      names: 'AWS_ENDPOINT_URL',
      exitCode: 1,
    },
    {
      what: 'a role whose metadata service does not answer',
      env: () => ({
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
      }),
      names: 'AWS_ACCESS_KEY_ID',
      exitCode: 1,
    },
    {
      what: 'an import that is not there',
      env: () => ({ SLIPWAY_IMPORT: 's3://no-such-bucket/trained' }),
      names: 'SLIPWAY_IMPORT',
    },
    {
      what: 'an export that is not there',
      env: () => ({ SLIPWAY_EXPORT: 's3://no-such-bucket/live' }),
      names: 'SLIPWAY_EXPORT',
    },
  ])
})
