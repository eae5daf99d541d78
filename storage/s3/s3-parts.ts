import type { CompletedPart } from '@aws-sdk/client-s3'
import type { PutOptions, UploadSource } from '../bucket/bucket.ts'
import { versionOf } from '../bucket/download-headers.ts'
import { ObjectChanged, ObjectNotFound, StoreFailed, StoreUnavailable } from '../object-store.ts'
import { withRetries } from '../bucket/with-retries.ts'
import { partsOf, uploadParts, type LoadedPart } from '../bucket/upload-parts.ts'
import { whileStoreAnswers } from '../bucket/while-store-answers.ts'
import type { S3Connection } from './s3-connection.ts'
import { sha256Of, signPayload } from './s3-connection.ts'

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
  if (once && (await s3.upload(key, { signal }, (ending) => s3.head(key, ending))))
    throw new ObjectChanged(key)
  const upload = await begin(s3, key, signal)
  try {
    signal?.throwIfAborted()
    const wait = { signal, timeout: s3.retryPolicy.uploadRetryTime }
    const parts = await uploadParts(source, partsOf(source.size, 9_000), wait, (part, index, ending) =>
      putPart(s3, upload, part, index + 1, ending),
    )
    await join(s3, upload, parts, source.size, { once, signal })
  } catch (error) {
    await end(s3, upload, error instanceof StoreUnavailable)
    throw error
  }
}

/**
 * Lets S3 forget the parts. Where this fails too, a later sweep does.
 *
 * @param isUnreachable the store did not answer all the time: somebody has waited long enough
 */
async function end(s3: S3Connection, upload: Upload, isUnreachable: boolean): Promise<void> {
  const command = new s3.sdk.AbortMultipartUploadCommand(upload)
  const { answerTimeout } = s3.retryPolicy
  const policy = isUnreachable
    ? { ...s3.retryPolicy, attempts: 1, answerTimeout: Math.min(answerTimeout, LAST_TRY_MILLISECONDS) }
    : s3.retryPolicy
  await withRetries(policy, (abortSignal) =>
    s3.once(() => s3.client.send(command, { abortSignal }), upload.Key),
  ).catch(() => undefined)
}

/** How long a store that did not answer is asked to forget an upload. */
export const LAST_TRY_MILLISECONDS: number = 1_000

interface Upload {
  Bucket: string
  Key: string
  UploadId: string
}

/** Not ended by a caller who leaves: S3 may have begun the upload already, and only its answer says how to end it. */
async function begin(s3: S3Connection, key: string, signal: AbortSignal | undefined): Promise<Upload> {
  const target = { Bucket: s3.settings.bucket, Key: key }
  const hasChecksums = s3.settings.checksums !== 'when-required'
  const create = new s3.sdk.CreateMultipartUploadCommand({
    ...target,
    ...(hasChecksums ? { ChecksumAlgorithm: 'SHA256' } : {}),
  })
  const oneAttempt = { ...s3.retryPolicy, attempts: 1 }
  const { UploadId } = await s3.upload(key, { signal }, () =>
    withRetries(oneAttempt, (abortSignal) => s3.once(() => s3.client.send(create, { abortSignal }), key)),
  )
  if (UploadId === undefined) throw new StoreUnavailable('S3 began an upload without naming it')
  return { ...target, UploadId }
}

async function putPart(
  s3: S3Connection,
  upload: Upload,
  { bytes, attempts }: LoadedPart,
  partNumber: number,
  signal: AbortSignal,
): Promise<CompletedPart> {
  const sha256 = sha256Of(bytes)
  const part = { PartNumber: partNumber, ...s3.checksum(sha256) }
  const { ETag } = await s3.upload(upload.Key, { signal, ...attempts }, (abortSignal, progress) => {
    const command = new s3.sdk.UploadPartCommand({ ...upload, ...part, ...s3.body(bytes, progress) })
    signPayload(command, sha256)
    return s3.client.send(command, { abortSignal })
  })
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
  await s3.upload(upload.Key, { signal, isLongWork: true }, async (abortSignal, progress) => {
    attempts += 1
    try {
      const { ETag } = await whileStoreAnswers(
        s3.retryPolicy,
        s3.once(() => s3.client.send(command, { abortSignal }), upload.Key),
        (ending) => s3.head(upload.Key, ending),
        progress,
      )
      await checkSize(s3, upload.Key, size, versionOf(ETag, size, 0), abortSignal)
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error
      // The upload is gone: an earlier attempt joined it and its answer was lost, or somebody swept it.
      const there = attempts > 1 ? await s3.head(upload.Key, abortSignal) : undefined
      if (there?.size !== size) {
        throw new StoreFailed(`the upload of "${upload.Key}" was ended by somebody else`, { cause: error })
      }
    }
  })
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
