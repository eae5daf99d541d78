import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { BUNDLE_MEDIA_TYPE } from '../../protocol/signature.ts'

/** A form with an archive and its signature, as `POST /models/{model}` takes it. */
export interface PublishForm {
  contentType: string
  /** Bytes of the whole. */
  length: number
  /** Makes the body anew, as a stream can be sent once only. */
  body: () => Readable
}

/**
 * Puts an archive and its signature into a form (RFC 7578), the signature first.
 *
 * @param open Opens the archive anew.
 * @param size Bytes of the archive.
 */
export function publishForm(open: () => Readable, size: number, bundle: Uint8Array): PublishForm {
  const boundary = `slipway-${randomBytes(18).toString('base64url')}`
  const head = Buffer.concat([
    partHead(boundary, 'bundle', 'bundle.json', BUNDLE_MEDIA_TYPE),
    bundle,
    Buffer.from('\r\n'),
    partHead(boundary, 'model', 'model.tar.gz', 'application/gzip'),
  ])
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: head.length + size + tail.length,
    body: () => Readable.from(parts(head, open, tail), { objectMode: false }),
  }
}

async function* parts(head: Buffer, open: () => Readable, tail: Buffer): AsyncGenerator<Buffer> {
  yield head
  // Not before it is wanted: a body that is never read would leave the file open.
  yield* open() as AsyncIterable<Buffer>
  yield tail
}

function partHead(boundary: string, name: string, filename: string, type: string): Buffer {
  return Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n` +
      `Content-Type: ${type}\r\n\r\n`,
  )
}
