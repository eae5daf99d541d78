import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createGunzip, createInflate } from 'node:zlib'
import type { Transform } from 'node:stream'

/** What came as the body of an answer. */
export interface BodyFacts {
  /** Bytes as they came over the wire, without chunk sizes. */
  bytes: number
  /** The digest of what a program has that takes one layer of `Content-Encoding` off, as aiohttp does. */
  digest: string
  /** Its first bytes, at most 1,024. */
  start: Buffer
  /** Milliseconds from the head of the answer to its end. */
  milliseconds: number
  /** What ended it early; undefined where it is whole. */
  broken: 'closed' | 'silent' | 'decoding' | undefined
}

/** Bytes kept of the beginning. */
const KEPT = 1024

/**
 * Reads a body as aiohttp does, keeping nothing but its digest and its beginning.
 *
 * @param look Is given what a program has that takes one layer of `Content-Encoding` off.
 */
export async function readBody(
  message: IncomingMessage,
  look: (chunk: Buffer) => Promise<void> = () => Promise.resolve(),
): Promise<BodyFacts> {
  const begun = performance.now()
  const hash = createHash('sha256')
  let [bytes, start] = [0, Buffer.alloc(0)]
  const take = async (chunk: Buffer): Promise<void> => {
    hash.update(chunk)
    if (start.length < KEPT) start = Buffer.concat([start, chunk.subarray(0, KEPT - start.length)])
    await look(chunk)
  }
  const decoder = decoderFor(message.headers['content-encoding'])
  const decoded = decoder === undefined ? undefined : takeAll(decoder, take)
  let broken: BodyFacts['broken']
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (decoder === undefined) await take(chunk)
      else if (!decoder.destroyed && !decoder.write(chunk)) await drained(decoder)
    }
  } catch (error) {
    broken = error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT' ? 'silent' : 'closed'
  }
  decoder?.end()
  if ((await decoded) === false) broken ??= 'decoding'
  return { bytes, digest: hash.digest('hex'), start, milliseconds: performance.now() - begun, broken }
}

function decoderFor(encoding: string | undefined): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    default:
      return undefined
  }
}

/** @returns false where it could not be decoded to its end. */
async function takeAll(decoder: Transform, take: (chunk: Buffer) => Promise<void>): Promise<boolean> {
  try {
    for await (const chunk of decoder as AsyncIterable<Buffer>) await take(chunk)
    return true
  } catch {
    return false
  }
}

function drained(decoder: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      decoder.off('drain', done).off('close', done)
      resolve()
    }
    decoder.on('drain', done).on('close', done)
  })
}
