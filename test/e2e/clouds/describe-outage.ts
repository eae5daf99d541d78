import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultProxy, type Fault, type FaultProxy } from '../../support/fault-proxy.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, storageIn, type Cloud } from './cloud.ts'
import { startServer, type RunningServer } from './composed-server.ts'

const answered = (status: string): Fault => ({
  kind: 'answer',
  text: `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
})

/** What a cloud says when nothing more may be stored there: Google means quotas by 403, as it does rights. */
function isFull({ kind }: Cloud): Fault {
  if (kind !== 'gcs') return answered('507 Insufficient Storage')
  const body = '{"error":{"message":"The quota of this bucket is exceeded."}}'
  const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`
  return { kind: 'answer', text: `HTTP/1.1 403 Forbidden\r\n${head}\r\n\r\n${body}` }
}

/** What the server says of itself while its bucket cannot be used, and after. */
export function describeOutage(cloudOf: () => Cloud): void {
  describe('as a store that cannot be used for a while', () => {
    let proxy: FaultProxy
    let server: RunningServer
    const archive = anArchive({ payloadBytes: 200_000 })

    beforeEach(async () => {
      const cloud = cloudOf()
      proxy = await startFaultProxy(cloud.port)
      afterThisTest(proxy.stop)
      const env = storageIn(cloud, await aBucket(cloud), proxy.port)
      server = await startServer(await temporaryDirectory(), env)
      await server.release(archive)
      expect((await pull()).equals(archive)).to.equal(true)
    })

    const pull = async (): Promise<Buffer> =>
      Buffer.from(await (await fetch(`${server.url}/models/default`)).arrayBuffer())
    const readiness = async (): Promise<Record<string, unknown>> => {
      const response = await fetch(`${server.url}/readyz`)
      expect(response.status).to.equal(200)
      return (await response.json()) as Record<string, unknown>
    }
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${server.url}/metrics`)).text()
      const line = text.split('\n').find((line) => line.startsWith(`${name} `))
      return Number(line?.slice(name.length + 1))
    }

    const outages: [what: string, fault: Fault, kind: string, reason: RegExp][] = [
      ['does not answer', { kind: 'refuse' }, 'unavailable', /does not answer/],
      ['is at its limits', answered('503 Service Unavailable'), 'unavailable', /does not answer/],
      ['takes the rights away', answered('403 Forbidden'), 'refused', /does not let the server in/],
    ]
    for (const [what, fault, kind, reason] of outages) {
      it(`says that it takes no changes where the store ${what}, serves on, and recovers by itself`, async () => {
        expect(await readiness()).to.deep.equal({ pulls: true, writes: true })
        proxy.inject(fault)
        // Nobody needs to publish for it to be noticed.
        const unready = await eventually('it is noticed', async () => {
          const state = await readiness()
          return state['writes'] === false ? state : undefined
        })
        expect(unready).to.include({ pulls: true, code: 'storage-unavailable' })
        expect(unready['reason']).to.match(reason)
        const refused = await server.publish(anArchive())
        expect(refused.status).to.equal(503)
        expect(await refused.json()).to.include({ code: 'storage-unavailable' })
        expect((await pull()).equals(archive)).to.equal(true)
        expect(await metric(`slipway_store_errors_total{store="storage",kind="${kind}"}`)).to.be.greaterThan(
          0,
        )
        expect(server.lines.filter(({ msg }) => msg === 'store_unavailable')).to.have.length(1)

        proxy.heal()
        await eventually('it is ready again', async () => (await readiness())['writes'] === true)
        expect(server.lines.map(({ msg }) => msg)).to.include('store_recovered')
        expect((await server.publish(anArchive())).status).to.equal(201)
      })
    }

    it('moves a tag back to what it has a copy of while the store is away, and to nothing else', async () => {
      await server.release(anArchive())
      await server.promote(1)
      await server.promote(2)
      proxy.inject({ kind: 'refuse' })
      const tag = `${server.url}/api/v1/models/default/tags/production`
      // The first release was pulled, the second was not.
      expect((await fetch(`${tag}/rollback`, { method: 'POST' })).status).to.equal(200)
      const headers = { 'Content-Type': 'application/json' }
      const refused = await fetch(tag, { method: 'PUT', headers, body: JSON.stringify({ release: 2 }) })
      expect(refused.status).to.equal(503)
      expect(await refused.json()).to.include({ code: 'storage-unavailable' })
      expect(await server.read('/api/v1/models/default/tags/production')).to.include({ release: 1 })
    })

    it('answers 503 where the bucket is full: 507 is of the disk here', async () => {
      proxy.inject(isFull(cloudOf()))
      const refused = await server.publish(anArchive())
      expect(refused.status).to.equal(503)
      expect(await refused.json()).to.include({ code: 'storage-unavailable' })
      expect(await metric('slipway_store_errors_total{store="storage",kind="full"}')).to.be.greaterThan(0)
      expect((await pull()).equals(archive)).to.equal(true)
    })

    it('counts the calls to the store, and what copies saved', async () => {
      await pull()
      expect(await metric('slipway_cache_misses_total')).to.equal(1)
      expect(await metric('slipway_cache_hits_total')).to.equal(1)
      expect(await metric('slipway_cache_fetched_bytes_total')).to.equal(archive.length)
      expect(await metric('slipway_store_call_seconds_count{store="storage",call="commit"}')).to.equal(1)
    })
  })
}
