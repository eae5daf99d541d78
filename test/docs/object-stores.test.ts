import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { standardLeaseTimings } from '../../server/blobs/bucket-lease.ts'
import { LEASE_KEY } from '../../server/blobs/lease-record.ts'
import { loadConfig } from '../../server/config/config.ts'
import { RECORDS_PREFIX } from '../../server/exporting/records/catalog-record.ts'
import { BACKUPS_PREFIX } from '../../server/tools/backup/store-backup.ts'
import { PROBLEMS } from '../../protocol/problem-table.ts'
import { partSize } from '../../storage/bucket/part-buffers.ts'

const root = path.resolve(import.meta.dirname, '../..')
const page = readFileSync(path.join(root, 'docs/object-stores.md'), 'utf8')
const plain = page.replaceAll(/\s+/g, ' ')

function sourceOf(...folders: string[]): string {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(path.join(root, folder, name), 'utf8')),
    )
    .join('\n')
}

/** What stands between backticks and looks so, each once. */
function named(pattern: RegExp): string[] {
  return [...new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text))].filter((text) =>
    pattern.test(text),
  )
}

describe('the guide to object stores', () => {
  const server = sourceOf('server')

  it('names metrics and variables that there are', () => {
    const metrics = [...new Set(page.match(/slipway_[a-z_]+_(total|seconds|due)/g))]
    expect(metrics.length).to.be.greaterThan(5)
    for (const metric of metrics) expect(server, metric).to.contain(metric)
    const known = server + sourceOf('storage')
    for (const variable of named(/^(SLIPWAY|AWS|AZURE|GOOGLE)_[A-Z_]+$/))
      expect(known, variable).to.contain(variable)
  })

  it('names lines of the log that there are', () => {
    const [, table = ''] = page.split('## What happens in the log')
    const events = [...table.matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)].map(([, event = '']) => event)
    expect(events.length).to.be.greaterThan(8)
    for (const event of [...events, 'store_owned_elsewhere', 'blobs_unknown', 'cache_failed'])
      // Those of the import are made of its name and what became of an object.
      expect(server, event).to.match(
        new RegExp(`['"\`}]${event.replace('import_', '_')}['"\`]|['"]${event}['"]`),
      )
  })

  it('names codes of problems that there are', () => {
    for (const code of named(/^storage-[a-z-]+$/)) expect(Object.keys(PROBLEMS)).to.include(code)
  })

  it('says how long a store is waited for', () => {
    const { storage } = loadConfig({ STORAGE: 'aws', BUCKET_NAME: 'models', AWS_DEFAULT_REGION: 'eu' }, root)
    const { retryPolicy } = storage.store as { retryPolicy?: Record<string, number> }
    const { answerTimeout = 0, stallTimeout = 0, attempts, uploadRetryTime = 0 } = retryPolicy ?? {}
    expect({ answerTimeout, stallTimeout, attempts }).to.deep.equal({
      answerTimeout: 6_000,
      stallTimeout: 10_000,
      attempts: 4,
    })
    expect(plain).to.contain('up to 6 s for an answer and 10 s for the next byte; four attempts are made')
    expect(uploadRetryTime + answerTimeout).to.equal(30_000)
    expect(plain).to.contain('until nothing of it, nor of any other upload, arrived for 30 s')
  })

  it('says how the folder of a bucket is owned', () => {
    expect(standardLeaseTimings).to.deep.equal({ duration: 30_000, interval: 10_000 })
    expect(plain)
      .to.contain('renews it every 10 s')
      .and.to.contain('until the lease has stood still for 30 s')
    // One version a renewal, in a bucket that keeps versions.
    expect(plain).to.contain(
      `${(86_400_000 / standardLeaseTimings.interval).toLocaleString('en')} versions a day`,
    )
  })

  it('says where things lie, and from which size on there are parts', () => {
    for (const key of [LEASE_KEY, BACKUPS_PREFIX, RECORDS_PREFIX]) expect(page).to.contain(`\`${key}`)
    expect(plain).to.contain(`in parts above ${partSize / 1024 / 1024} MiB`)
  })

  it('asks for the rights on S3 that the requests need, and for no other', () => {
    const rightOf: Record<string, string> = {
      ListObjectsV2: 'ListBucket',
      ListMultipartUploads: 'ListBucketMultipartUploads',
      HeadObject: 'GetObject',
      CreateMultipartUpload: 'PutObject',
      UploadPart: 'PutObject',
      CompleteMultipartUpload: 'PutObject',
    }
    const commands = [...sourceOf('storage/s3').matchAll(/sdk\.(\w+)Command\(/g)].map(([, name = '']) => name)
    const needed = new Set(commands.map((command) => `s3:${rightOf[command] ?? command}`))
    const row = page.split('\n').find((line) => line.startsWith('| `STORAGE`, `SLIPWAY_EXPORT`')) ?? ''
    expect(new Set(row.match(/s3:\w+/g))).to.deep.equal(needed)
  })
})
