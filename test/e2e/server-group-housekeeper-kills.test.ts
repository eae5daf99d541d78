import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { expect } from 'chai'
import type { Release } from '../../protocol/release.ts'
import type { BackupManifest } from '../../server/tools/backup/backup-manifest.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { aReceiver, type Receiver } from '../support/a-receiver.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, untilWritable, type FaultyMember } from '../support/faulty-group.ts'
import { listAll } from '../support/history/list-all.ts'
import { sendOnce } from '../support/kills/single-request.ts'
import { shortOrLong } from '../support/long-form.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { putObject } from '../support/store-access.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const DEADLINE = 120_000

const isLong = shortOrLong(
  'the housekeeper of a group, killed amid all that it does for all: once instead of twice, without a backup, and it is started again at once instead of another one taking over',
  { short: false, long: true },
)

describe('what the housekeeper of a group was doing as it was killed', function () {
  this.timeout(900_000)

  it('is done by the next one: each archive comes in once, all goes out, and whoever waits is told, again under the same name only', async function () {
    const house = await KilledHouse.start(this)
    await house.killAmidUploads()
    if (isLong) await house.killAmidCommits()
    if (this.test !== undefined) this.test.title += ` (${house.summary})`
  })
})

/** What a receiver was told. */
interface Message {
  /** Of the event. */
  readonly id: number
  readonly model: string
  /** Of the message: the same where it is sent again. */
  readonly name: string
}

/** Servers that import, export, back up and tell a receiver, and whose housekeeper is killed as it does all of that. */
class KilledHouse {
  readonly #group: FaultyGroup
  readonly #receiver: Receiver
  readonly #trained: ObjectStore
  readonly #models: string
  readonly #exported: string
  /** By model, the digests of what was published in `shop` and put into the bucket for `bought`. */
  readonly #digests: Readonly<Record<'shop' | 'bought', string[]>> = { shop: [], bought: [] }
  /** What the receiver did not answer yet. */
  readonly #unanswered: ServerResponse[] = []
  readonly #took: string[] = []

  private constructor(
    group: FaultyGroup,
    receiver: Receiver,
    folders: { trained: ObjectStore; models: string; released: string },
  ) {
    this.#group = group
    this.#receiver = receiver
    this.#trained = folders.trained
    this.#models = folders.models
    this.#exported = path.join(folders.released, 'shop/production.tar.gz')
  }

  static async start(context: Mocha.Context): Promise<KilledHouse> {
    const receiver = await aReceiver()
    const group = await FaultyGroup.start(context, {
      servers: 3,
      buckets: ['trained', 'released'],
      env: {
        SLIPWAY_IMPORT: 's3://trained',
        SLIPWAY_IMPORT_INTERVAL: '1',
        SLIPWAY_EXPORT: 's3://released',
        SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1',
        ...(isLong ? {} : { SLIPWAY_BACKUP_TO: 'off' }),
      },
    })
    const body = { url: receiver.url, events: ['release.published', 'tag.moved'] }
    const added = await sendOnce(group.urls[0]!, { method: 'POST', path: '/api/v1/webhooks', body })
    expect(added.status).to.equal(201)
    const { endpointUrl, region, credentials } = group.objects
    const trained = await openStore({
      ...({ kind: 'aws', bucket: 'trained', endpointUrl, region, credentials } as const),
      spool: await temporaryDirectory(),
    })
    afterThisTest(() => trained.close())
    const [models, released] = [
      await group.objects.makeBucket('models'),
      await group.objects.makeBucket('released'),
    ]
    return new KilledHouse(group, receiver, { trained, models, released })
  }

  get summary(): string {
    return this.#took.join('; ')
  }

  /** Kills it where all that it sent to the bucket and to the receiver has arrived, and it does not know that. */
  async killAmidUploads(): Promise<void> {
    const keeper = await this.#findKeeper()
    const message = await this.#standAmidUploads(keeper)
    if (isLong) await this.#standAmidBackup()
    await this.#kill(keeper, isLong)
    expect(this.#countOf(message), 'it was told once more').to.equal(2)
  }

  /** Kills it where all of that is written down in the catalog, and it does not know that. */
  async killAmidCommits(): Promise<void> {
    const keeper = await this.#findKeeper()
    const message = await this.#standAmidUploads(keeper)
    keeper.database.inject({ kind: 'hold-answer', to: 'commit\0' })
    keeper.bucket.heal()
    for (const response of this.#unanswered.splice(0)) response.end()
    await eventually(
      'all of it is written down',
      async () => {
        const [found] = await administer(
          this.#group.postgres.url,
          `select exists (select from exports where digest = '${this.#last('shop')}' and version is not null)
            and exists (select from releases where digest = '${this.#last('bought')}')
            and exists (select from webhook_deliveries where message = '${message}' and state = 'delivered') as "isWritten"`,
        )
        return found?.['isWritten'] === true
      },
      DEADLINE,
    )
    const { mtimeMs } = await stat(this.#exported)
    await this.#kill(keeper, false)
    expect((await stat(this.#exported)).mtimeMs, 'it is not put there again').to.equal(mtimeMs)
    expect(this.#countOf(message), 'it was told once').to.equal(1)
  }

  async #findKeeper(): Promise<FaultyMember> {
    const find = () => this.#group.housekeeper(this.#group.members[0]!)
    return eventually('one keeps house', find, DEADLINE)
  }

  /** @returns the name of the message that is on its way. */
  async #standAmidUploads(keeper: FaultyMember): Promise<string> {
    const before = this.#messages().length
    this.#receiver.answer = (_request, response) => this.#unanswered.push(response)
    keeper.bucket.inject({ kind: 'hold-answer', to: 'PUT /' })
    const other = this.#group.members.find((member) => member !== keeper)!
    const [published, bought] = [this.#anArchive('shop'), this.#anArchive('bought')]
    await putObject(this.#trained, `bought/${this.#digests.bought.length}.tar.gz`, bought)
    const path = '/models/shop?tag=production'
    const answer = await sendOnce(other.running.url, { method: 'POST', path, body: published })
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    await eventually(
      'it exports',
      async () => (await digestOfFile(this.#exported)) === this.#last('shop'),
      DEADLINE,
    )
    await eventually('it imports', () => this.#isStored(this.#last('bought')), DEADLINE)
    await eventually('it tells', () => this.#messages().length > before, DEADLINE)
    return this.#messages()[before]!.name
  }

  /** Has a backup be due, and waits until its copy of the catalog lies in the bucket, and it is not whole yet. */
  async #standAmidBackup(): Promise<void> {
    const before = await this.#copies()
    await administer(this.#group.postgres.url, `delete from task_progress where task = 'backup'`)
    await eventually('it backs up', async () => (await this.#copies()).length > before.length, DEADLINE)
  }

  /** Waits until all is done that it was amid of, and starts it again. */
  async #kill(keeper: FaultyMember, withBackup: boolean): Promise<void> {
    const before = await this.#manifest()
    keeper.running.kill('SIGKILL')
    const killed = performance.now()
    await keeper.running.ended
    for (const wire of [keeper.database, keeper.bucket]) wire.heal()
    this.#unanswered.length = 0
    this.#receiver.answer = (_request, response) => response.end()
    if (!isLong) await this.#group.startAgain(keeper)
    const is = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
      await eventually(what, isSo, DEADLINE)
      this.#took.push(`${what} ${((performance.now() - killed) / 1000).toFixed(0)} s after the kill`)
    }
    await is('exported', async () => {
      const [row] = await administer(
        this.#group.postgres.url,
        `select version is not null and digest = '${this.#last('shop')}' as "isDone" from exports where model = 'shop'`,
      )
      return row?.['isDone'] === true && (await digestOfFile(this.#exported)) === this.#last('shop')
    })
    await is(
      'imported',
      async () => (await this.#waiting('releases', `digest = '${this.#last('bought')}'`)) === 1,
    )
    await is('told', async () => (await this.#waiting('webhook_deliveries', `state = 'waiting'`)) === 0)
    if (withBackup) await is('backed up', async () => (await this.#manifest())?.takenAt !== before?.takenAt)
    if (isLong) await this.#group.startAgain(keeper)
    for (const member of this.#group.members) await untilWritable(member)
    await this.#verify()
  }

  async #waiting(table: string, condition: string): Promise<number> {
    const [row] = await administer(
      this.#group.postgres.url,
      `select count(*)::int as count from ${table} where ${condition}`,
    )
    return Number(row?.['count'])
  }

  async #verify(): Promise<void> {
    for (const url of this.#group.urls)
      for (const model of ['shop', 'bought'] as const) {
        const releases = await listAll<Release>(`${url}/api/v1/models/${model}/releases`)
        expect(releases.map(({ digest }) => digest).toReversed()).to.deep.equal(this.#digests[model])
      }
    const manifest = await this.#manifest()
    if (manifest !== undefined) {
      const { file, sha256 } = manifest.catalog
      expect(await digestOfFile(path.join(this.#models, 'backups', file))).to.equal(sha256)
      expect(manifest.lost).to.deep.equal([])
    }
    for (const [model, messages] of Map.groupBy(this.#messages(), (message) => message.model)) {
      const names = Map.groupBy(messages, ({ id }) => id)
      for (const [id, each] of names)
        expect(new Set(each.map(({ name }) => name)).size, `names of event ${id}`).to.equal(1)
      const ids = [...names.keys()]
      expect(ids, `the order of ${model}`).to.deep.equal(ids.toSorted((one, other) => one - other))
    }
  }

  #anArchive(model: 'shop' | 'bought'): Buffer {
    const archive = anArchive({ payloadBytes: 10_000 + Math.floor(Math.random() * 10_000) })
    this.#digests[model].push(createHash('sha256').update(archive).digest('hex'))
    return archive
  }

  #last(model: 'shop' | 'bought'): string {
    return this.#digests[model].at(-1) ?? ''
  }

  #messages(): Message[] {
    return this.#receiver.received.map(({ headers, body }) => {
      const { id, model } = JSON.parse(body) as { id: number; model: string }
      return { id, model, name: String(headers['webhook-id']) }
    })
  }

  #countOf(message: string): number {
    return this.#messages().filter(({ name }) => name === message).length
  }

  async #isStored(digest: string): Promise<boolean> {
    return (await digestOfFile(path.join(this.#models, 'sha256', digest.slice(0, 2), digest))) === digest
  }

  /** Of the catalog, in the bucket. */
  async #copies(): Promise<string[]> {
    const names = await readdir(path.join(this.#models, 'backups')).catch(() => [])
    return names.filter((name) => name.startsWith('catalog-'))
  }

  async #manifest(): Promise<BackupManifest | undefined> {
    const file = path.join(this.#models, 'backups/manifest.json')
    const text = await readFile(file, 'utf8').catch(() => undefined)
    return text === undefined ? undefined : (JSON.parse(text) as BackupManifest)
  }
}

async function digestOfFile(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined)
  return bytes && createHash('sha256').update(bytes).digest('hex')
}
