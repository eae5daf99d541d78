import { startAzurite } from '../../support/services/azurite.ts'
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

describe('Azure', function () {
  // Tests start programs and wait for facts: on a quiet machine seconds, on a busy one more than mocha's default.
  this.timeout(120_000)
  before(function () {
    onlyInLongForm(this, 'the same over S3, and the contract of stores over each')
  })
  const azurite = withService(startAzurite)

  const cloud = (): Cloud => {
    const { port, accountName, accountKey, makeContainer } = azurite()
    return {
      name: 'Azure',
      kind: 'azure',
      scheme: 'azure',
      port,
      makeBucket: makeContainer,
      bucketVariable: 'AZURE_CONTAINER',
      endpointVariable: 'SLIPWAY_AZURE_ENDPOINT_URL',
      secrets: [accountKey],
      env: (at = port) => ({
        AZURE_ACCOUNT_NAME: accountName,
        AZURE_ACCOUNT_KEY: accountKey,
        SLIPWAY_AZURE_ENDPOINT_URL: `http://127.0.0.1:${at}/${accountName}`,
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
  describeRasaStorage(cloud, false)
  describeProgram(cloud, [
    {
      what: 'no container that exists',
      env: () => ({ AZURE_CONTAINER: 'no-such-container' }),
      names: 'AZURE_CONTAINER',
    },
    {
      what: 'a wrong key',
      env: () => ({ AZURE_ACCOUNT_KEY: Buffer.from('guessed-secret').toString('base64') }),
      names: 'AZURE_ACCOUNT_KEY',
    },
    {
      what: 'an address where nobody answers',
      env: (cloud) => cloud.env(1),
      names: 'SLIPWAY_AZURE_ENDPOINT_URL',
      exitCode: 1,
    },
  ])
})
