import { startVersitygw } from '../../support/services/versitygw.ts'
import { withService } from '../../support/services/service-process.ts'
import type { Cloud } from './cloud.ts'
import { describeBlobStorage } from './describe-blob-storage.ts'
import { describeExport } from './describe-export.ts'
import { describeImport } from './describe-import.ts'

describe('S3', () => {
  const versitygw = withService(startVersitygw)

  const cloud = (): Cloud => {
    const { port, region, credentials, makeBucket } = versitygw()
    return {
      ...{ name: 'S3', kind: 'aws', scheme: 's3', port, makeBucket },
      ...{ bucketVariable: 'BUCKET_NAME', endpointVariable: 'AWS_ENDPOINT_URL' },
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
  describeImport(cloud)
  describeExport(cloud)
})
