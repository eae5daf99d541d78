import type { S3Client } from '@aws-sdk/client-s3'
import * as sdk from '@aws-sdk/client-s3'
import { expect } from 'chai'
import path from 'node:path'
import { S3Bucket } from '../../storage/s3/s3-bucket.ts'
import { S3Connection } from '../../storage/s3/s3-connection.ts'
import { openS3Store } from '../../storage/s3/s3-store.ts'
import { defaultRetryPolicy } from '../../storage/bucket/retry-policy.ts'
import type { S3Settings } from '../../storage/store-settings.ts'
import { errorOf, sha256, someBytes, stageBytes } from '../contracts/object-bytes.ts'
import { withService } from '../support/services/service-process.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

describe('uploads in parts that were never joined', () => {
  const versitygw = withService(startVersitygw)
  let client: S3Client
  let settings: S3Settings

  beforeEach(async () => {
    const { endpointUrl, region, credentials, makeBucket } = versitygw()
    await makeBucket('leftovers')
    client = new sdk.S3Client({ endpoint: endpointUrl, region, credentials, forcePathStyle: true })
    afterThisTest(() => {
      client.destroy()
    })
    const spool = path.join(await temporaryDirectory(), 'spool')
    settings = { kind: 'aws', bucket: 'leftovers', endpointUrl, region, credentials, spool }
  })

  const uploads = async (): Promise<number> =>
    (await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: 'leftovers' }))).Uploads?.length ?? 0
  const begin = (Key: string): Promise<unknown> =>
    client.send(new sdk.CreateMultipartUploadCommand({ Bucket: 'leftovers', Key }))

  it('are swept when they are old, in the folder of the store only', async () => {
    await begin('mine/one')
    await begin('mine/two')
    await begin('yours/one')
    const bucket = new S3Bucket(new S3Connection(sdk, client, settings, defaultRetryPolicy))
    const signal = AbortSignal.timeout(5000)
    expect(await bucket.sweepUploads('mine/', Date.now() - 60_000, signal, () => undefined)).to.equal(0)
    expect(await bucket.sweepUploads('mine/', Date.now() + 60_000, signal, () => undefined)).to.equal(2)
    expect(await uploads()).to.equal(1)
    expect(await bucket.sweepUploads('', Date.now() + 60_000, signal, () => undefined)).to.equal(1)
  })

  it('are left alone at start while others may be writing them', async () => {
    await begin('one')
    const store = await openS3Store(settings)
    afterThisTest(() => store.close())
    expect(await store.sweep()).to.equal(0)
    expect(await uploads()).to.equal(1)
  })

  it('are ended where the bytes are not what was promised', async () => {
    const store = await openS3Store({ ...settings, folder: 'wrong' })
    afterThisTest(() => store.close())
    const before = await uploads()
    const leaving = new AbortController()
    const bytes = someBytes(20 * 1024 * 1024)
    const staged = await stageBytes(store, bytes)
    const committing = errorOf(
      staged.commit('a', { sha256: sha256(bytes), ifExists: 'replace', signal: leaving.signal }),
    )
    while ((await uploads()) === before) await new Promise((resolve) => setTimeout(resolve, 2))
    leaving.abort(new Error('the caller left'))
    expect((await committing).message).to.equal('the caller left')
    await staged.discard()
    expect(await uploads()).to.equal(before)
  })

  it('are never begun for a small object whose SHA-256 is wrong, and it is refused', async () => {
    const store = await openS3Store({
      ...settings,
      retryPolicy: { ...defaultRetryPolicy, firstPause: 1, longestPause: 1, uploadRetryTime: 10 },
    })
    afterThisTest(() => store.close())
    const staged = await stageBytes(store, Buffer.from('these'))
    await errorOf(staged.commit('wrong', { sha256: sha256(Buffer.from('others')), ifExists: 'keep' }))
    await staged.discard()
    expect(await store.stat('wrong')).to.equal(undefined)
  })
})
