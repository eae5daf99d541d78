import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { largeArchiveFile } from '../support/archive-builder.ts'
import { shortOrLong } from '../support/long-form.ts'
import { startServer, type RunningServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const MEGABYTE = 1024 * 1024
const ARCHIVE = shortOrLong('the memory of a server: 256 MB in eight transfers instead of 512 MB', {
  short: 32 * MEGABYTE,
  long: 64 * MEGABYTE,
})

/** Bytes of memory that a process holds at this moment, or held at most (Linux). */
async function memoryOf({ pid }: RunningServer, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}

async function upload({ url }: RunningServer, file: string): Promise<number> {
  const body = createReadStream(file)
  const answer = await fetch(`${url}/models/shop`, { method: 'POST', body, duplex: 'half' })
  await answer.arrayBuffer()
  return answer.status
}

async function download({ url }: RunningServer): Promise<number> {
  const answer = await fetch(`${url}/models/shop`)
  let bytes = 0
  for await (const chunk of answer.body ?? []) bytes += (chunk as Uint8Array).length
  return bytes
}

describe('the memory of a server', function () {
  this.timeout(120_000)

  it(`does not grow with what goes through it: ${(8 * ARCHIVE) / MEGABYTE} MB in eight transfers at once`, async function () {
    if (process.platform !== 'linux') this.skip()
    const folder = await temporaryDirectory()
    const files = await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        const file = path.join(folder, `${index}.tar.gz`)
        await largeArchiveFile(file, ARCHIVE)
        return file
      }),
    )
    // As it ships: bundled, its modules would take other amounts of memory.
    const server = await startServer({ main: path.join(import.meta.dirname, '../../server/main.ts') })
    const [sample = ''] = files
    expect(await upload(server, sample)).to.equal(201)
    const idle = await memoryOf(server, 'VmRSS')
    const outcomes = await Promise.all([
      ...files.map((file) => upload(server, file)),
      ...files.map(() => download(server)),
    ])
    const { size } = await stat(sample)
    expect(outcomes.slice(0, 4).every((status) => status === 200 || status === 201)).to.equal(true)
    for (const bytes of outcomes.slice(4)) expect(bytes).to.be.within(size - MEGABYTE, size + MEGABYTE)
    const grown = (await memoryOf(server, 'VmHWM')) - idle
    if (this.test) this.test.title += ` (grew by ${Math.round(grown / MEGABYTE)} MiB)`
    expect(grown / MEGABYTE, 'MiB more than idle').to.be.lessThan(100)
  })
})
