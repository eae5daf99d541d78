import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import type { Status } from '../../protocol/status.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { runGuide } from '../support/run-guide.ts'
import { runSlipway } from '../support/run-slipway.ts'
import { withServerGroups } from '../support/server-group.ts'
import { startFailure, type RunningServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const DEADLINE = 60_000

describe('several servers over one database and one bucket', function () {
  this.timeout(180_000)
  const groups = withServerGroups()

  const publish = async (
    { url }: RunningServer,
    archive = anArchive(),
    query = '?tag=production',
  ): Promise<{ status: number; number: number }> => {
    const answer = await fetch(`${url}/models/shop${query}`, {
      method: 'POST',
      body: Uint8Array.from(archive),
    })
    return { status: answer.status, ...((await answer.json()) as { number: number }) }
  }

  const send = async ({ url }: RunningServer, method: string, path: string, body?: object) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE }
    const answer = await fetch(`${url}${path}`, { method, ...init })
    const text = await answer.text()
    return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> }
  }

  const tagOf = async ({ url }: RunningServer, tag: string): Promise<string | number> => {
    const answer = await fetch(`${url}/models/shop@${tag}`, { method: 'HEAD' })
    return answer.status === 200 ? (answer.headers.get('etag') ?? '').slice(1, 65) : answer.status
  }

  it('register, name each other, and take each other for silent when one is killed', async () => {
    const group = await groups.group()
    const servers = [await group.start(), await group.start()]
    const statusOf = async (server: RunningServer) =>
      (await (await fetch(`${server.url}/api/v1/status`)).json()) as Status
    const addresses = await eventually('both say where they listen', async () => {
      const { servers: known } = await statusOf(servers[1]!)
      return known?.every(({ address }) => address !== '') === true && known
    })
    expect(addresses.map(({ address }) => `http://${address}`)).to.deep.equal(servers.map(({ url }) => url))
    expect(addresses.map(({ isThis, state }) => [isThis, state])).to.deep.equal([
      [false, 'running'],
      [true, 'running'],
    ])
    const shown = await eventually(
      'one of them is the housekeeper',
      async () => {
        const { out } = await runSlipway(['status'], { env: { SLIPWAY_URL: servers[1]!.url } })
        return out.includes('housekeeper') && out
      },
      DEADLINE,
    )
    for (const { port } of servers)
      expect(shown).to.match(new RegExp(`127.0.0.1:${port} .* running .* s behind`))
    servers[0]!.kill('SIGKILL')
    await eventually(
      'the other one says that it is silent',
      async () => (await statusOf(servers[1]!)).servers?.[0]?.state === 'silent',
      DEADLINE,
    )
    const third = await group.start()
    third.kill('SIGTERM')
    expect(await third.ended).to.equal(0)
    expect((await statusOf(servers[1]!)).servers).to.have.length(2)
  })

  it('answer polls with what any of them changed', async () => {
    const group = await groups.group()
    const [one, two] = [await group.start(), await group.start()]
    const archives = [anArchive({ payloadBytes: 20_000 }), anArchive({ payloadBytes: 30_000 })]
    const digests = archives.map((archive) => createHash('sha256').update(archive).digest('hex'))
    expect(await publish(one, archives[0])).to.include({ status: 201, number: 1 })
    await eventually('published', async () => (await tagOf(two, 'production')) === digests[0], DEADLINE)
    const bot = new PollingBot(`${two.url}/models/shop@production`, 'pod-1')
    expect(await bot.poll()).to.equal(200)
    expect(await publish(two, archives[1])).to.include({ status: 201, number: 2 })
    await eventually('published', async () => (await tagOf(one, 'latest')) === digests[1], DEADLINE)
    const back = '/api/v1/models/shop/tags/production/rollback'
    expect((await send(one, 'POST', back, {})).status).to.equal(200)
    await eventually('rolled back', async () => (await tagOf(two, 'production')) === digests[0], DEADLINE)
    const staging = '/api/v1/models/shop/tags/staging'
    expect((await send(one, 'PUT', staging, { release: 2 })).status).to.equal(201)
    await eventually('promoted', async () => (await tagOf(two, 'staging')) === digests[1], DEADLINE)
    // A rollout ends a moment after the change of the tag that ended it: between the two questions, where it is so.
    await eventually(
      'both tell of the same events',
      async () => {
        const [first, second] = await Promise.all(
          [one, two].map(async (server) => (await send(server, 'GET', '/api/v1/events?after=0')).body),
        )
        return (first!['items'] as unknown[]).length > 3 && isDeepStrictEqual(first, second)
      },
      DEADLINE,
    )
    expect((await send(two, 'DELETE', staging)).status).to.equal(204)
    await eventually('deleted', async () => (await tagOf(one, 'staging')) === 404, DEADLINE)
  })

  it('go on over another database, restored from the bucket by the two commands of the guide', async () => {
    const group = await groups.group()
    const servers = [await group.start(), await group.start()]
    expect((await publish(servers[0]!)).status).to.equal(201)
    await eventually(
      'the housekeeper has backed up the catalog',
      () => servers.some(({ lines }) => lines.some(({ msg }) => msg === 'backup_taken')),
      DEADLINE,
    )
    const archive = anArchive({ payloadBytes: 20_000 })
    expect((await publish(servers[1]!, archive)).status).to.equal(201)
    const record = path.join(group.bucketFolder, 'records/shop/tags.json')
    await eventually(
      'where its tags point is recorded',
      async () => /"production","release":2/.test(await readFile(record, 'utf8').catch(() => '')),
      DEADLINE,
    )
    for (const server of servers) {
      server.kill('SIGTERM')
      expect(await server.ended).to.equal(0)
    }
    const DATABASE_URL = await groups.database()
    expect(DATABASE_URL).to.not.equal(group.env['DATABASE_URL'])
    const { url, said } = await runGuide('A lost machine', {
      ...group.env,
      DATABASE_URL,
      DATA_DIR: await temporaryDirectory(),
    })
    expect(said()).to.contain('archives restored, as of')
    const next = { url } as RunningServer
    expect(await tagOf(next, 'production')).to.equal(createHash('sha256').update(archive).digest('hex'))
    const published = await eventually(
      'the bucket is theirs',
      async () => {
        const answer = await publish(next, anArchive({ payloadBytes: 50 }))
        return answer.status === 201 && answer
      },
      DEADLINE,
    )
    expect(published.number).to.be.above(1_000)
  })

  describe('are refused with 2 and a sentence', () => {
    it('where their archives lie elsewhere, and whoever runs goes on', async () => {
      const group = await groups.group()
      const first = await group.start()
      await publish(first)
      const files = { STORAGE: 'filesystem' }
      const refusal = await startFailure(group.start({ env: files }))
      expect(refusal).to.include({ outcome: 2 })
      expect(refusal.stderr).to.match(/another server runs over this database .*bucket group-\d/)
      await groups.objects().makeBucket('elsewhere')
      const other = await startFailure(group.start({ env: { BUCKET_NAME: 'elsewhere' } }))
      expect(other).to.include({ outcome: 2 })
      expect(other.stderr).to.contain('give this one the same STORAGE, bucket and folder')
      expect((await publish(first, anArchive({ payloadBytes: 99 }))).status).to.equal(201)
    })
  })
})

const JSON_TYPE = { 'Content-Type': 'application/json' }
