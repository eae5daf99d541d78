import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { keptLog } from '../support/log-lines.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { skipTest } from '../support/skip-test.ts'
import { fillVolume, smallVolume } from '../support/small-volume.ts'
import { publishTo, serveFolder } from '../upkeep/data-server.ts'

const VOLUME_KIB = 16_384

describe('an export to a bucket', function () {
  this.timeout(90_000)

  it('follows a rollback where the disk is full, too: bots that load from the bucket are not left with the bad release', async function () {
    const volume = (await smallVolume(VOLUME_KIB)) ?? skipTest(this, 'needs the right to mount')
    const { makeBucket, credentials, endpointUrl, region } = await startVersitygw(this)
    const bucket = await makeBucket('exported')
    const dataDir = path.join(volume, 'data')
    const env = {
      SLIPWAY_EXPORT: 's3://exported/live',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...{ AWS_ENDPOINT_URL: endpointUrl, AWS_REGION: region },
    }
    const { url } = await serveFolder(dataDir, env, keptLog().logger)
    const tag = `${url}/api/v1/models/shop/tags/production`
    const releases = [anArchive(), anArchive()]
    for (const archive of releases) await publishTo(url, archive, 'shop', '?tag=production')
    const isExported = (archive: Uint8Array | undefined) =>
      readFile(path.join(bucket, 'live/shop/production.tar.gz')).then(
        (bytes) => archive !== undefined && bytes.equals(archive),
        () => false,
      )
    await eventually('release 2 is exported', () => isExported(releases[1]))
    await fillVolume(volume, VOLUME_KIB)
    await rm(path.join(dataDir, 'ballast'), { force: true })
    const { status } = await fetch(`${tag}/rollback`, { method: 'POST' })
    expect(status).to.equal(200)
    await eventually('release 1 is exported', () => isExported(releases[0]))
  })
})
