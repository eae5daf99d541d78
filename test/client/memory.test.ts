import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { hashFile } from '../../client/install/hash-file.ts'
import { largeArchiveFile } from '../support/archive-builder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { shortOrLong } from '../support/long-form.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** Far more than its memory may grow by. */
const BYTES = shortOrLong('the memory of a puller: archives of 120 MB instead of 250 MB', {
  short: 120_000_000,
  long: 250_000_000,
})

const CHILD = fileURLToPath(new URL('../support/measured-pull-program.ts', import.meta.url))

describe('the memory of a puller', () => {
  for (const named of ['a digest', 'no digest']) {
    it(`does not grow with the archive, with ${named}`, async function () {
      this.timeout(120_000)
      const bytes = process.env['SLOW'] === '1' ? 1_000_000_000 : BYTES
      const file = path.join(await temporaryDirectory(), 'large.tar.gz')
      await largeArchiveFile(file, bytes)
      const { size } = await stat(file)
      const etag = named === 'a digest' ? `"${await hashFile(file)}"` : '"opaque"'
      const server = await lyingServer((_request, response) => {
        response.writeHead(200, { etag, 'content-length': size, filename: 'large.tar.gz' })
        createReadStream(file).pipe(response)
      })
      const child = spawn(process.execPath, [CHILD, server.url, await temporaryDirectory()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let printed = ''
      child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
      await once(child, 'close')
      const { event, growth } = JSON.parse(printed) as { event: string; growth: number }
      expect(event).to.equal('installed')
      expect(growth / 1e6).to.be.lessThan(60)
    })
  }
})
