import { createReadStream, type ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { formatDigestField } from '../../protocol/digest-field.ts'
import type { Progress } from '../events.ts'
import { PullFailure } from '../failure.ts'
import { hashFile } from '../install/hash-file.ts'
import type { ApiCall, ApiClient } from './api-client.ts'
import { ifReadable } from './if-readable.ts'
import { knownPublishedReleaseSchema, type KnownPublishedRelease } from './known-schemas.ts'
import { publishForm } from './publish-form.ts'
import { findPublished, readPublishState, requireUnpublished } from './publish-state.ts'
import { readRelease } from './releases.ts'
import { wasRefusedAgain } from './was-refused-again.ts'
import { whatBecame } from './what-became.ts'

export interface Push {
  file: string
  model: string
  /** Tags to promote at once. */
  tags: string[]
  notes?: string | undefined
  /** The file name to serve it under; the file's own without. */
  name?: string | undefined
  /** Told now and then how much was sent; of a second attempt from its beginning. */
  onProgress?: ((progress: Progress) => void) | undefined
  /** The archive's signature: a Sigstore bundle. */
  bundle?: Uint8Array | undefined
}

/** Between two reports of progress, in milliseconds. */
const PROGRESS_PACE = 200

/**
 * Publishes an archive. Its digest goes ahead of it, or is in its signature, so that what arrives is what was read, and a retry
 * after a broken connection is the same release.
 *
 * @throws PullFailure
 */
export async function pushArchive(
  client: ApiClient,
  { file, model, tags, notes, name, bundle, onProgress }: Push,
): Promise<KnownPublishedRelease> {
  const facts = await stat(file).catch((error: unknown) => {
    throw new PullFailure(
      'disk',
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  })
  if (!facts.isFile()) throw new PullFailure('disk', `${file} is not a file`)
  const body = bundle === undefined ? await archiveBody(file, facts.size) : formBody(file, facts.size, bundle)
  const timer = setInterval(() => {
    onProgress?.({ bytes: body.sent(), total: facts.size })
  }, PROGRESS_PACE)
  const call: ApiCall = {
    method: 'POST',
    path: `models/${encodeURIComponent(model)}`,
    query: { notes, filename: name ?? path.basename(file) },
    headers: body.headers,
    body: body.make,
    expectContinue: true,
    isTransfer: true,
    shownBy: shownBy(model, tags),
  }
  return publish(client, call, { model, tags, digest: body.digest }).finally(() => {
    clearInterval(timer)
  })
}

/** That a release is there does not say whether its tags lead to it: a rollout moves them in its last step. */
function shownBy(model: string, tags: readonly string[]): string {
  if (tags.length === 0) return `slipway releases ${model}`
  return `slipway rollout ${tags.length === 1 ? `${model}@${tags[0]}` : model}`
}

/** Where no answer of the server comes it is sent again, but only where nothing happened to its tags and to `latest` since, nor was published. */
async function publish(
  client: ApiClient,
  call: ApiCall,
  { model, tags, digest }: Pick<Push, 'model' | 'tags'> & Pick<PublishBody, 'digest'>,
): Promise<KnownPublishedRelease> {
  const sent = { ...call, query: { ...call.query, tag: tags } }
  const before = await readPublishState(client, model, tags)
  const beforeRepeat = (reader: ApiClient) => requireUnpublished(reader, model, before, digest)
  try {
    return await client.call({ ...sent, beforeRepeat }, knownPublishedReleaseSchema)
  } catch (error) {
    if (!wasRefusedAgain(error)) throw error
    // Not by publishing once more: bytes that are not the newest release any more become another one.
    const its = await digest()
    const number = await ifReadable(client, (reader) => findPublished(reader, model, before, its))
    if (number === undefined) throw error
    const aside = await whatBecame(client, { model, tags, number, before })
    const release = await readRelease(client, model, number)
    return aside === undefined ? release : { ...release, warnings: [{ code: 'moved-since', message: aside }] }
  }
}

/** A body that may be sent more than once. */
interface PublishBody {
  headers: Record<string, string>
  /** The SHA-256 of the archive in hex. */
  digest: () => Promise<string>
  /** Makes it anew. */
  make: () => Readable
  /** How many bytes of the archive were read for the last one made. */
  sent: () => number
}

async function archiveBody(file: string, size: number): Promise<PublishBody> {
  let stream: ReadStream | undefined
  const digest = await hashFile(file)
  return {
    digest: () => Promise.resolve(digest),
    headers: {
      'content-type': 'application/gzip',
      'content-length': size.toString(),
      'repr-digest': formatDigestField(digest),
    },
    make: () => (stream = createReadStream(file, { highWaterMark: 1024 * 1024 })),
    sent: () => stream?.bytesRead ?? 0,
  }
}

/** A digest field would cover the form: the signature says what the archive hashes to. */
function formBody(file: string, size: number, bundle: Uint8Array): PublishBody {
  let archive: ReadStream | undefined
  const open = (): ReadStream => (archive = createReadStream(file, { highWaterMark: 1024 * 1024 }))
  const { contentType, length, body } = publishForm(open, size, bundle)
  return {
    headers: { 'content-type': contentType, 'content-length': length.toString() },
    digest: () => hashFile(file),
    make: body,
    sent: () => archive?.bytesRead ?? 0,
  }
}
