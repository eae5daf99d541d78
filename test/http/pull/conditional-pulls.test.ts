import { createHash } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import { expect } from 'chai'
import { newProcessName } from '../../../protocol/process-name.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer } from '../../support/server-under-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'
import {
  combinations,
  describeCombination,
  DIGEST,
  PROCESS,
  expectedStatus,
  fieldsOf,
  SIZE,
} from './conditional-forms.ts'

describe('conditional pulls over HTTP', () => {
  it('are answered as RFC 9110 orders, with the very bytes, and nothing on HEAD', async function () {
    this.timeout(60_000)
    const server = await aServer()
    const archive = anArchive()
    const digest = createHash('sha256').update(archive).digest('hex')
    await server.publish(archive)
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    afterThisTest(() => {
      agent.destroy()
    })
    // The forms name a digest and a size that were made up; here they become those of the archive. Each request comes
    // from a process of its own: one that is sent the same archive again and again is left alone.
    const translate = (value: string): string =>
      value
        .replaceAll(DIGEST, digest)
        .replaceAll(PROCESS, newProcessName())
        .replace(`bytes=${SIZE}-`, `bytes=${archive.length}-`)

    const wrong: string[] = []
    let tried = 0
    for (const combination of combinations((_form, index) => index % 2 === 0 || index < 4)) {
      tried += 1
      const fields = Object.entries(fieldsOf(combination)).map(([name, value]) => [name, translate(value)])
      const answer = await ask(server.port, agent, combination.method, Object.fromEntries(fields))
      const expected = expectedStatus(combination)
      const isRight = answer.status === expected && hasRightBody(answer, combination, archive)
      if (!isRight) wrong.push(`${describeCombination(combination)}: ${answer.status}, expected ${expected}`)
    }
    expect(wrong).to.deep.equal([])
    expect(tried).to.be.greaterThan(2_500)
  })
})

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: Buffer
}

function hasRightBody(
  { status, headers, body }: Answer,
  { method, range }: { method: string; range: { value?: string } },
  archive: Buffer,
): boolean {
  if (status === 304 || method === 'HEAD') return body.length === 0
  if (status === 200) return body.equals(archive)
  if (status === 416) return headers['content-range'] === `bytes */${archive.length}`
  if (status !== 206) return true
  const part = range.value === 'bytes=-10' ? archive.subarray(-10) : archive.subarray(0, 10)
  return body.equals(part)
}

function ask(port: number, agent: Agent, method: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path: '/models/shop', method, headers, agent })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    request.end()
  })
}
