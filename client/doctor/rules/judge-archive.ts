import path from 'node:path'
import type { Verdict } from '../finding.ts'
import { isPage } from './judge-answer.ts'

/** An archive as it came. */
export interface ArchiveObservation {
  headers: Readonly<Record<string, string | undefined>>
  /** Bytes over the wire. */
  bytes: number
  /** The digest after one layer of `Content-Encoding` was taken off. */
  digest: string
  /** The digest that the server announced; undefined where it did not. */
  announced: string | undefined
  /** Whether what is left begins as gzip does. */
  isGzip: boolean
  broken: 'closed' | 'silent' | 'decoding' | undefined
  /** From the request to the last byte. */
  milliseconds: number
}

/** Rasa gives up after so many milliseconds (its DEFAULT_REQUEST_TIMEOUT). */
export const RASA_TIMEOUT = 300_000

/** Whether Rasa can load what came, and what was done to it on the way. */
export function judgeArchive(seen: ArchiveObservation): Verdict[] {
  const { headers, bytes, broken, milliseconds } = seen
  const seconds = (milliseconds / 1000).toFixed(1)
  if (broken === 'closed' || broken === 'silent') {
    const how = broken === 'closed' ? 'The connection was closed' : 'Nothing more came'
    return [{ code: 'archive-cut', detail: `${how} after ${bytes} bytes, ${seconds} s after the request.` }]
  }
  if (isPage(headers['content-type']))
    return [{ code: 'web-page', detail: 'GET is answered with a web page.' }]
  const unloadable = judgeBytes(seen)
  if (unloadable !== undefined) return [unloadable]
  const verdicts: Verdict[] = [{ ok: `the archive comes whole: ${bytes} bytes in ${seconds} s` }]
  if ((headers['etag'] ?? '') === '')
    verdicts.push({ code: 'tag-missing', detail: 'GET is answered without ETag.' })
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity')
    verdicts.push({ code: 'compressed', detail: `The answer has Content-Encoding: ${encoding}.` })
  else if (headers['content-length'] === undefined)
    verdicts.push({ code: 'length-missing', detail: 'The answer has no Content-Length.' })
  const name = headers['filename']
  if (name !== undefined && !isUsableName(name))
    verdicts.push({ code: 'filename-unusable', detail: `The field filename is ${JSON.stringify(name)}.` })
  if (milliseconds > RASA_TIMEOUT) verdicts.push({ code: 'too-slow', detail: `It took ${seconds} s.` })
  else if (milliseconds > RASA_TIMEOUT / 2)
    verdicts.push({ code: 'nearly-too-slow', detail: `It took ${seconds} s.` })
  return verdicts
}

/** What makes the bytes useless to Rasa. */
function judgeBytes({ headers, digest, announced, isGzip, broken }: ArchiveObservation): Verdict | undefined {
  const encoding = headers['content-encoding'] ?? ''
  if (broken === 'decoding')
    return {
      code: 'encoding-wrong',
      detail: `The answer says Content-Encoding: ${encoding}, and is not so encoded.`,
    }
  if (!isGzip && encoding !== '')
    return {
      code: 'encoding-wrong',
      detail: `Without the layer of Content-Encoding: ${encoding}, it is not gzip.`,
    }
  if (!isGzip) return { code: 'not-an-archive', detail: 'The first bytes are not those of gzip.' }
  if (announced !== undefined && digest !== announced)
    return {
      code: 'archive-altered',
      detail: `The server announced ${announced}; what came hashes to ${digest}.`,
    }
  return undefined
}

/** Rasa joins the name to its folder unchecked, and looks for `*.tar.gz` there. */
function isUsableName(name: string): boolean {
  return name.endsWith('.tar.gz') && path.posix.basename(name) === name && !name.startsWith('.')
}
