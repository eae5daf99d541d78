import { createReadStream, type ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { formatDigestField } from '../../protocol/digest-field.ts'
import type { Progress } from '../events.ts'
import { PullFailure } from '../failure.ts'
import { hashFile } from '../install/hash-file.ts'
import type { ApiCall, ApiClient } from './api-client.ts'
import { knownPublishedReleaseSchema, type KnownPublishedRelease } from './known-schemas.ts'
import { publishForm } from './publish-form.ts'
import { findLeading, hasMovedSince, readTagState, requireUnchanged } from './tag-state.ts'
import type { TagAddress } from './tags.ts'

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
    shownBy: `slipway releases ${model}`,
  }
  return publish(client, call, { model, tags }).finally(() => {
    clearInterval(timer)
  })
}

/** Where no answer comes it is sent again; and with its tags only where nothing happened to them since. */
async function publish(
  client: ApiClient,
  call: ApiCall,
  { model, tags }: Pick<Push, 'model' | 'tags'>,
): Promise<KnownPublishedRelease> {
  const befores = await Promise.all(tags.map((tag) => stateIfReadable(client, { model, tag })))
  const beforeRepeat = async (): Promise<Record<string, string>> => {
    for (const before of befores)
      if (before !== undefined) await requireUnchanged(client, before.address, before.state)
    return {}
  }
  try {
    const query = { ...call.query, tag: tags }
    return await client.call({ ...call, query, beforeRepeat }, knownPublishedReleaseSchema)
  } catch (error) {
    if (!hasMovedSince(error)) throw error
    // The same bytes are the same release: this tells which, and moves no tag.
    const published = await client.call(call, knownPublishedReleaseSchema)
    for (const tag of tags) {
      if ((await findLeading(client, { model, tag }, published.number)) !== undefined) continue
      const where = `${model}@${tag}`
      const text = `${model}#${published.number} was published, but ${where} was moved since by somebody, or never reached: look with "slipway tags ${where}"; if it is still wanted, slipway promote ${where} ${published.number}`
      throw new PullFailure('conflict', text, { again: false, cause: error })
    }
    return published
  }
}

/** Some tokens may publish and not read; then nobody can tell. */
async function stateIfReadable(client: ApiClient, address: TagAddress) {
  try {
    return { address, state: await readTagState(client, address) }
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'denied') return undefined
    throw error
  }
}

/** A body that may be sent more than once. */
interface PublishBody {
  headers: Record<string, string>
  /** Makes it anew. */
  make: () => Readable
  /** How many bytes of the archive were read for the last one made. */
  sent: () => number
}

async function archiveBody(file: string, size: number): Promise<PublishBody> {
  let stream: ReadStream | undefined
  return {
    headers: {
      'content-type': 'application/gzip',
      'content-length': size.toString(),
      'repr-digest': formatDigestField(await hashFile(file)),
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
    make: body,
    sent: () => archive?.bytesRead ?? 0,
  }
}
