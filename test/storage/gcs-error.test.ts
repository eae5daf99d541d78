import { expect } from 'chai'
import { toGcsStoreError } from '../../storage/gcs/gcs-error.ts'
import { ObjectNotFound, StoreMisconfigured } from '../../storage/object-store.ts'

describe('a 404 of Google Cloud Storage', () => {
  const settings = { kind: 'gcs', bucket: 'our-bucket' } as const

  it('is of the object where it says so, whatever the names of bucket and object', () => {
    const error = toGcsStoreError(
      404,
      'No such object: our-bucket/a-bucket-of-things',
      settings,
      'a-bucket-of-things',
    )
    expect(error).to.be.instanceOf(ObjectNotFound)
  })

  it('is of the bucket where it says so', () => {
    const body = JSON.stringify({ error: { message: 'The specified bucket does not exist.' } })
    const error = toGcsStoreError(404, body, settings, 'a')
    expect(error).to.be.instanceOf(StoreMisconfigured)
    expect(error.message).to.include('check BUCKET_NAME')
  })
})
