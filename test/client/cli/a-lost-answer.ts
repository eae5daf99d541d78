import type supertest from 'supertest'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultProxy, type Fault } from '../../support/fault-proxy.ts'
import type { Ran } from '../../support/run-slipway.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'

export const MODEL = '/api/v1/models/shop'
export const TAG = `${MODEL}/tags/production`

/** A page of a proxy, as it comes in place of an answer. */
export function pageOf(status: number): string {
  const page = '<html>upstream connect error or disconnect/reset before headers</html>'
  return `HTTP/1.1 ${status} Page\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`
}

/** An answer that breaks off within its body, of a proxy that keeps no connection open: undici takes its end for that of the body first. */
export const BROKEN_BODY =
  'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"model"'

export interface LostAnswer extends ServerUnderTest {
  /** Runs a command up to the fault; what others do comes between it and the end of the command. */
  run: (args: string[], meanwhile: () => unknown) => Promise<Ran>
}

/**
 * Releases 1 to 3, of which production is at 2, behind a proxy that has one fault: from then on it lets nothing through until others have done
 * what they do meanwhile.
 */
export async function aLostAnswer(fault: Fault): Promise<LostAnswer> {
  const server = await aServer()
  for (let number = 1; number <= 2; number++) await server.publish(anArchive(), { query: 'tag=production' })
  await server.publish(anArchive())
  const proxy = await startFaultProxy(server.port)
  afterThisTest(() => proxy.stop())
  const run: LostAnswer['run'] = async (args, meanwhile) => {
    proxy.inject(fault, 1, { kind: 'refuse' })
    const running = callSlipway(args, { env: { SLIPWAY_URL: proxy.url } })
    await eventually('the fault has struck', () => proxy.strikes() > 0)
    await meanwhile()
    proxy.heal()
    return running
  }
  return { ...server, run }
}

/** A file that `slipway push` takes, and its bytes. */
export async function anArchiveFile(): Promise<{ file: string; archive: Uint8Array }> {
  const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
  const archive = anArchive()
  await writeFile(file, archive)
  return { file, archive }
}

type Request = ReturnType<typeof supertest>

/** Where a tag is. */
export async function releaseAt(request: Request, tag: string): Promise<number> {
  return ((await request.get(`${MODEL}/tags/${tag}`)).body as { release: number }).release
}

interface LastRollout {
  id: string
  state: string
  from: number
  to: number
}

/** The state of the last rollout of production, and what it leads to. */
export async function lastRollout(request: Request): Promise<LastRollout> {
  const { body } = await request.get(`${MODEL}/rollouts?tag=production&limit=1`)
  const [last] = (body as { items: LastRollout[] }).items
  if (last === undefined) throw new Error('production had no rollout')
  return last
}
