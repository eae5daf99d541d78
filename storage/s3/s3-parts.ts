import type { CompletedPart } from '@aws-sdk/client-s3'
import type { PutOptions, UploadSource } from '../bucket/bucket.ts'
import { partsOf, threeAtATime } from '../bucket/bucket.ts'
import { versionOf } from '../bucket/download-headers.ts'
import type { ByteRange } from '../object-store.ts'
import { ObjectChanged, ObjectNotFound, StoreFailed, StoreUnavailable } from '../object-store.ts'
import { attempt } from '../bucket/patience.ts'
import type { S3Connection } from './s3-connection.ts'
import { sha256Of } from './s3-connection.ts'

/**
 * Uploads a large object in parts, each with its checksum, and joins them.
 *
 * @throws ObjectChanged where it was to be created once and the key is taken
 */
export async function putInParts(
  s3: S3Connection,
  key: string,
  source: UploadSource,
  { once, signal }: PutOptions,
): Promise<void> {
  // S3 itself would refuse only when all parts are there.
  if (once && (await attempt(s3.patience, (ending) => s3.head(key, ending), { signal }))) {
    throw new ObjectChanged(key)
  }
  const upload = await begin(s3, key, signal)
  try {
    const parts = await threeAtATime(partsOf(source.size, 9_000), (range, index) =>
      putPart(s3, upload, source, range, index + 1, signal),
    )
    await join(s3, upload, parts, source.size, { once, signal })
  } catch (error) {
    const abort = new s3.sdk.AbortMultipartUploadCommand(upload)
    // Where this fails too, a later sweep ends the upload.
    await attempt(s3.patience, (abortSignal) =>
      s3.once(() => s3.client.send(abort, { abortSignal }), key),
    ).catch(() => undefined)
    throw error
  }
}

interface Upload {
  Bucket: string
  Key: string
  UploadId: string
}

async function begin(s3: S3Connection, key: string, signal: AbortSignal | undefined): Promise<Upload> {
  const target = { Bucket: s3.settings.bucket, Key: key }
  const hasChecksums = s3.settings.checksums !== 'when-required'
  const create = new s3.sdk.CreateMultipartUploadCommand({
    ...target,
    ...(hasChecksums ? { ChecksumAlgorithm: 'SHA256' } : {}),
  })
  const request = (abortSignal: AbortSignal): Promise<{ UploadId?: string | undefined }> =>
    s3.once(() => s3.client.send(create, { abortSignal }), key)
  const { UploadId } = await attempt(s3.patience, request, { signal })
  if (UploadId === undefined) throw new StoreUnavailable('S3 began an upload without naming it')
  return { ...target, UploadId }
}

async function putPart(
  s3: S3Connection,
  upload: Upload,
  source: UploadSource,
  { start, length }: ByteRange,
  partNumber: number,
  signal: AbortSignal | undefined,
): Promise<CompletedPart> {
  const body = await source.part(start, length)
  const part = { PartNumber: partNumber, ...s3.checksum(sha256Of(body)) }
  const command = new s3.sdk.UploadPartCommand({ ...upload, ...part, Body: body, ContentLength: length })
  const { ETag } = await s3.upload(
    upload.Key,
    (abortSignal) => s3.client.send(command, { abortSignal }),
    signal,
  )
  return { ...part, ETag }
}

/** The SDK turns a 200 that carries an error (S3 answers before it is done) into one. */
async function join(
  s3: S3Connection,
  upload: Upload,
  parts: CompletedPart[],
  size: number,
  { once, signal }: Pick<PutOptions, 'once' | 'signal'>,
): Promise<void> {
  const command = new s3.sdk.CompleteMultipartUploadCommand({
    ...upload,
    MultipartUpload: { Parts: parts },
    ...(once ? { IfNoneMatch: '*' } : {}),
  })
  let attempts = 0
  await s3.upload(
    upload.Key,
    async (abortSignal) => {
      attempts += 1
      try {
        const { ETag } = await s3.once(() => s3.client.send(command, { abortSignal }), upload.Key)
        await checkSize(s3, upload.Key, size, versionOf(ETag, size, 0), abortSignal)
      } catch (error) {
        if (!(error instanceof ObjectNotFound)) throw error
        // The upload is gone: an earlier attempt joined it and its answer was lost, or somebody swept it.
        const there = attempts > 1 ? await s3.head(upload.Key, abortSignal) : undefined
        if (there?.size !== size) {
          throw new StoreFailed(`the upload of "${upload.Key}" was ended by somebody else`, { cause: error })
        }
      }
    },
    signal,
  )
}

/** Some servers take parts that were cut short: what is there must have the size of what went up. */
async function checkSize(
  s3: S3Connection,
  key: string,
  size: number,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const there = await s3.head(key, signal)
  // Another version: somebody replaced it already, and answers for that.
  if (there?.version !== version || there.size === size) return
  await s3.client.send(new s3.sdk.DeleteObjectCommand({ Bucket: s3.settings.bucket, Key: key }))
  throw new StoreFailed(`"${key}" arrived with ${there.size} of ${size} bytes`)
}
