import { expect } from 'chai'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cloudRetryPolicy } from '../../client/cli/cloud-retry-policy.ts'
import { saveToStorage } from '../../client/cli/save-to-storage.ts'
import { LAST_TRY_MILLISECONDS } from '../../storage/s3/s3-parts.ts'
import { PullFailure } from '../../client/index.ts'
import { anArchive } from '../support/archive-builder.ts'
import { lyingServer } from '../support/lying-server.ts'
import type { Answerer } from '../support/lying-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const aHundredth = {
  attempts: 4,
  firstPause: 10,
  longestPause: 10,
  answerTimeout: 100,
  stallTimeout: 100,
  uploadRetryTime: 400,
}

/** What becomes of an archive that is saved to an S3 server that answers so. */
async function save(answer: Answerer): Promise<{ outcome: unknown; asked: number }> {
  const server = await lyingServer(answer)
  const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
  await writeFile(file, anArchive())
  const environment = {
    BUCKET_NAME: 'models',
    AWS_ENDPOINT_URL: server.origin,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_DEFAULT_REGION: 'eu-central-1',
  }
  const { signal } = new AbortController()
  const outcome = await saveToStorage(file, 'aws', undefined, environment, signal, aHundredth).catch(
    (error: unknown) => error,
  )
  return { outcome, asked: server.seen.length }
}

const listing: Answerer = (_request, response) =>
  response.setHeader('content-type', 'application/xml').end('<ListBucketResult></ListBucketResult>')

describe('saving to a cloud that stalls', function () {
  this.timeout(30_000)

  it('is given up where the cloud never answers, after some attempts', async () => {
    const { outcome, asked } = await save(() => undefined)
    expect(outcome).to.be.instanceOf(PullFailure).and.to.include({ kind: 'source' })
    expect(asked).to.be.within(2, 4)
  })

  it('is given up where the cloud takes nothing of the archive', async () => {
    const { outcome } = await save((request, response, turn) => {
      if (request.method === 'GET') listing(request, response, turn)
    })
    expect(outcome).to.be.instanceOf(PullFailure).and.to.include({ kind: 'source' })
  })

  it('takes 30 s at most with the policy of commands', () => {
    const { attempts, answerTimeout, firstPause, uploadRetryTime, longestPause } = cloudRetryPolicy
    const pauses = Array.from({ length: attempts - 1 }, (_, index) => firstPause * 2 ** index)
    expect(attempts * answerTimeout + pauses.reduce((sum, each) => sum + each, 0)).to.be.at.most(30_000)
    // The last attempt may begin just before the time is over.
    expect(uploadRetryTime + answerTimeout + LAST_TRY_MILLISECONDS).to.be.at.most(30_000)
    expect(longestPause).to.be.lessThan(answerTimeout)
  })

  it('is what the page of the puller says', async () => {
    const page = await readFile(path.join(import.meta.dirname, '../../docs/puller.md'), 'utf8')
    expect(page.replaceAll(/\s+/g, ' ')).to.contain(
      'A cloud that does not answer, or takes nothing of the archive, is given up within 30 s, with exit code 5',
    )
  })
})
