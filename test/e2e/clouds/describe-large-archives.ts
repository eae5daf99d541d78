import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { largeArchiveFile } from '../../support/archive-builder.ts'
import { skipTest } from '../../support/skip-test.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, storageIn, type Cloud } from './cloud.ts'
import { runServerProgram } from './server-program.ts'

/** Large enough that memory which grew with the archive would show. */
const BYTES = 300_000_000

/** What holds of archives that fit no buffer; SLOW=1. */
export function describeLargeArchives(cloudOf: () => Cloud): void {
  describe('with an archive of 300 MB', function () {
    this.timeout(180_000)
    before(function () {
      if (process.env['SLOW'] !== '1') skipTest(this, 'takes long: SLOW=1')
    })

    it('takes it and gives it back in flat memory, from the bucket and from the copy', async () => {
      const cloud = cloudOf()
      const folder = await temporaryDirectory()
      const file = path.join(folder, 'large.tar.gz')
      await largeArchiveFile(file, BYTES)
      const digest = await digestOf(createReadStream(file))
      const env = storageIn(cloud, await aBucket(cloud))

      const first = runServerProgram(folder, env)
      const published = await fetch(`${await first.listening()}/models/default`, {
        method: 'POST',
        body: await openAsBlob(file),
      })
      expect(published.status).to.equal(201)
      expect(await peakMegabytes(first.pid)).to.be.lessThan(300)
      await first.kill()
      await rm(path.join(folder, 'data/cache'), { recursive: true })

      const second = runServerProgram(folder, env)
      const url = `${await second.listening()}/models/default`
      for (const where of ['the bucket', 'the copy']) {
        const { body, headers } = await fetch(url)
        if (body === null) throw new Error('there is no body')
        expect(headers.get('content-length')).to.equal(String((await stat(file)).size))
        expect(await digestOf(body), where).to.equal(digest)
      }
      expect(await peakMegabytes(second.pid)).to.be.lessThan(200)
    })
  })
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** The most memory that a process ever held (Linux). */
async function peakMegabytes(pid: number): Promise<number> {
  const kibibytes = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kibibytes) * 1024) / 1e6
}
