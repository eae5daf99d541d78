import { createReadStream, type ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { formatDigestField } from '../../protocol/digest-field.ts'
import type { Progress } from '../events.ts'
import { PullFailure } from '../failure.ts'
import { hashFile } from '../install/hash-file.ts'
import type { ApiClient } from './api-client.ts'
import { knownPublishedReleaseSchema, type KnownPublishedRelease } from './known-schemas.ts'

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
}

/** Between two reports of progress, in milliseconds. */
const PROGRESS_PACE = 200

/**
 * Publishes an archive. Its digest goes ahead of it, so that what arrives is what was read, and a retry after a
 * broken connection is the same release.
 *
 * @throws PullFailure
 */
export async function pushArchive(
  client: ApiClient,
  { file, model, tags, notes, name, onProgress }: Push,
): Promise<KnownPublishedRelease> {
  const facts = await stat(file).catch((error: unknown) => {
    throw new PullFailure(
      'disk',
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  })
  if (!facts.isFile()) throw new PullFailure('disk', `${file} is not a file`)
  const digest = await hashFile(file)
  let body: ReadStream | undefined
  const timer = setInterval(() => {
    if (body !== undefined) onProgress?.({ bytes: body.bytesRead, total: facts.size })
  }, PROGRESS_PACE)
  const call = client.call(
    {
      method: 'POST',
      path: `models/${encodeURIComponent(model)}`,
      query: { tag: tags, notes, filename: name ?? path.basename(file) },
      headers: {
        'content-type': 'application/gzip',
        'content-length': facts.size.toString(),
        'repr-digest': formatDigestField(digest),
      },
      body: () => (body = createReadStream(file, { highWaterMark: 1024 * 1024 })),
      expectContinue: true,
      isTransfer: true,
    },
    knownPublishedReleaseSchema,
  )
  return call.finally(() => {
    clearInterval(timer)
  })
}
