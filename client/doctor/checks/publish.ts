import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { DoctorContext } from '../doctor-context.ts'
import { NoAnswer } from '../exchange/bot-request.ts'
import type { Verdict } from '../finding.ts'
import { judgePublish } from '../rules/judge-publish.ts'
import type { UploadOutcome } from '../rules/judge-publish.ts'
import { readProblem } from './answer.ts'

/** A block of tar (POSIX.1-1988 ustar). */
const BLOCK = 512

/** Bytes that no proxy minds. */
const SMALL = 1000

/** Sends archives that hold no model: the server reads them to their end and refuses them, so that nothing is published. */
export async function checkPublish(context: DoctorContext): Promise<Verdict[]> {
  const { upload: wanted } = context.options
  if (wanted === undefined) return []
  const small = await upload(context, withoutModel(SMALL), wanted.headers)
  const body = withoutModel(wanted.bytes)
  const large = small.problem === undefined ? undefined : await upload(context, body, wanted.headers)
  return [judgePublish({ small, large, bytes: body.length })]
}

async function upload(
  context: DoctorContext,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<UploadOutcome> {
  const { url: named } = context.options
  // As `slipway push` does, and curl: what a redirect leads to elsewhere gets no token.
  const url = new URL(context.url.origin === named.origin ? context.url : named)
  url.pathname = url.pathname.replace(/@[^/@]*$/, '')
  url.search = ''
  const extra = { ...headers, 'Content-Type': 'application/gzip', 'Content-Length': String(body.length) }
  try {
    const reply = await context.ask({ method: 'POST', url, extra }, (request) => request.end(body))
    const problem = await readProblem(reply)
    reply.close()
    return { status: reply.status, problem: problem?.code, failure: undefined }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return { status: undefined, problem: undefined, failure: error.failure.message }
  }
}

/** A sound .tar.gz of about so many bytes, with one file that says what it is for. */
function withoutModel(bytes: number): Buffer {
  const content = randomBytes(Math.max(BLOCK, Math.floor(bytes / BLOCK) * BLOCK))
  const header = Buffer.alloc(BLOCK)
  header.write('slipway-doctor/upload-test')
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return gzipSync(Buffer.concat([header, content, Buffer.alloc(2 * BLOCK)]), { level: 0 })
}
