import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlobStore, OpenBlob } from '../../blobs/blob-store.ts'
import { DomainError } from '../../errors/errors.ts'
import type { ServedRelease } from '../../releases/release.ts'
import type { Content } from './decide-pull.ts'
import { timedLooks, type Looks } from '../pace.ts'
import { transferTurns } from '../transfer-turns.ts'
import { ResponseWriter } from '../reply/response-writer.ts'

/** `sent`: every byte was handed to the network. `aborted`: the client went, or was too slow. */
export type SendOutcome = 'sent' | 'aborted'

/** Where archives come from, and when it is looked how fast they go. */
export interface ArchiveSource {
  blobs: Pick<BlobStore, 'open'>
  /** By the machine's clock unless said. */
  looks?: Looks | undefined
}

/**
 * Sends the bytes of a release.
 *
 * The first of them are read before the status is written: a blob that cannot be opened or read is an error with a
 * status. Later failures break the connection, so that nobody takes a short body for a whole one.
 *
 * @throws DomainError from the blob store, before anything was written.
 */
export async function sendArchive(
  request: IncomingMessage,
  response: ServerResponse,
  { blobs, looks = timedLooks }: ArchiveSource,
  release: ServedRelease,
  content: Content,
  headers: readonly string[],
): Promise<SendOutcome> {
  await transferTurns.ready()
  if (response.destroyed) return 'aborted'
  const blob = await blobs.open(release.digest, content.status === 206 ? content : undefined)
  try {
    // Another length than the catalog's would leave the connection out of step with its Content-Length.
    if (blob.size !== release.size) throw wrongSize(release, blob)
    if (request.method === 'HEAD') {
      writeHead(response, release, content, headers)
      response.end()
      return 'sent'
    }
    const writer = new ResponseWriter(response, { looks })
    return await sendChunks(response, writer, blob, () => {
      writeHead(response, release, content, headers)
    })
  } finally {
    await blob.close()
  }
}

function wrongSize({ digest, size }: ServedRelease, blob: OpenBlob): DomainError {
  return new DomainError(
    'blob-damaged',
    `The archive has ${blob.size} bytes in storage where ${size} were published; publish the same bytes again.`,
    { digest },
  )
}

async function sendChunks(
  response: ServerResponse,
  writer: ResponseWriter,
  blob: OpenBlob,
  begin: () => void,
): Promise<SendOutcome> {
  let begun = false
  try {
    for await (const chunk of blob.chunks) {
      if (!begun) begin()
      begun = true
      if (!(await writer.write(chunk))) return 'aborted'
    }
  } catch (error) {
    if (begun) response.destroy()
    throw error
  }
  response.end()
  return 'sent'
}

function writeHead(
  response: ServerResponse,
  { size }: ServedRelease,
  content: Content,
  headers: readonly string[],
): void {
  if (content.status === 200) {
    response.writeHead(200, [...headers, 'Content-Length', String(size)])
    return
  }
  const { start, length } = content
  const contentRange = `bytes ${start}-${start + length - 1}/${size}`
  response.writeHead(206, [...headers, 'Content-Length', String(length), 'Content-Range', contentRange])
}
