import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Release } from '../../protocol/release.ts'
import type { Rollout } from '../../protocol/rollout.ts'
import type { Tag } from '../../protocol/tag.ts'
import { anArchive } from '../support/archive-builder.ts'
import { startServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const TAG = '/api/v1/models/shop/tags/production'

/** Milliseconds: on a machine that has thirty other things to do, three starts of a server took nearly a minute. */
const DEADLINE = 240_000

/** Polls as Rasa does: it sends back the `ETag` of what it loaded last, and until then the bare name that it drew. */
class PollingBot {
  readonly #instance: string
  readonly #broken: ReadonlySet<number>
  #tag = randomUUID().replaceAll('-', '')
  readonly taken: number[] = []
  runs: number | undefined

  constructor(instance: string, broken: ReadonlySet<number>) {
    this.#instance = instance
    this.#broken = broken
  }

  async poll(url: string): Promise<void> {
    const address = `${url}/models/shop@production?instance=${this.#instance}`
    const reply = await fetch(address, { headers: { 'If-None-Match': this.#tag } })
    await reply.arrayBuffer()
    if (reply.status !== 200) return
    const release = Number(reply.headers.get('slipway-release'))
    this.taken.push(release)
    if (this.#broken.has(release)) return
    this.runs = release
    this.#tag = reply.headers.get('etag') ?? this.#tag
  }
}

async function send<Body>(url: string, method: string, path: string, body?: object): Promise<Body> {
  const json = { 'Content-Type': 'application/json' }
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: json }
  const reply = await fetch(url + path, init)
  const text = await reply.text()
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
  return JSON.parse(text) as Body
}

async function publish(url: string, version: string): Promise<Release> {
  const body = Buffer.from(anArchive({ rasaVersion: version }))
  const reply = await fetch(`${url}/models/shop`, { method: 'POST', body })
  return (await reply.json()) as Release
}

describe('a canary, over servers that are killed', function () {
  this.timeout(300_000)

  const canary = { steps: [1, '100%'], attempts: 2 }

  /** Bots that run release 1 of two, and what kills the server in the middle of what they do. */
  async function aFleet(broken: ReadonlySet<number>) {
    const folder = await temporaryDirectory()
    let server = await startServer({ folder })
    for (const version of ['3.6.20', '3.6.21']) await publish(server.url, version)
    const bots = ['pod-1', 'pod-2', 'pod-3'].map((name) => new PollingBot(name, broken))
    const pollAll = async (): Promise<void> => {
      for (const bot of bots) await bot.poll(server.url)
    }
    await send(server.url, 'PUT', TAG, { release: 1 })
    for (let turn = 0; turn < 3; turn++) await pollAll()
    const kill = async (): Promise<void> => {
      server.kill('SIGKILL')
      await server.ended
      server = await startServer({ folder })
    }
    return {
      bots,
      url: () => server.url,
      kill,
      /** Has bots poll until the rollout is as wanted; the server is killed now and then. */
      pollUntil: async (state: Rollout['state'], kills: number): Promise<Rollout> => {
        const deadline = performance.now() + DEADLINE
        for (let turn = 1; performance.now() < deadline; turn++) {
          await pollAll()
          if (turn <= kills) await kill()
          await delay(250)
          const { items } = await send<{ items: Rollout[] }>(
            ...([server.url, 'GET', '/api/v1/models/shop/rollouts?tag=production'] as const),
          )
          if (items[0]?.state === state) return items[0]
        }
        throw new Error(`The rollout did not become ${state} in ${DEADLINE / 1000} s`)
      },
    }
  }

  it('goes on where it was, and reaches every bot once', async () => {
    const { bots, url, pollUntil } = await aFleet(new Set())
    const tag = await send<Tag>(url(), 'PUT', TAG, { release: 2, policy: canary })
    expect([tag.release, tag.rollout?.state]).to.deep.equal([1, 'running'])
    const rollout = await pollUntil('done', 3)
    expect(rollout.steps.map(({ state }) => state)).to.deep.equal(['passed', 'passed'])
    expect(bots.map(({ taken }) => taken)).to.deep.equal([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
    expect(await send<Tag>(url(), 'GET', TAG)).to.include({ release: 2, movedBy: 'slipway' })
  })

  it('keeps the place of the bot that was sent it: no second one gets it before the first is heard again', async () => {
    const { bots, url, kill } = await aFleet(new Set())
    await send(url(), 'PUT', TAG, { release: 2, policy: { maxUpdating: 1 } })
    const [first, ...others] = bots as [PollingBot, ...PollingBot[]]
    await first.poll(url())
    // It was sent, and nothing says yet whether it loaded.
    await kill()
    for (const bot of others) await bot.poll(url())
    expect(bots.map(({ taken }) => taken)).to.deep.equal([[1, 2], [1], [1]])
    await first.poll(url())
    for (const bot of others) await bot.poll(url())
    expect(bots.map(({ taken }) => taken)).to.deep.equal([[1, 2], [1, 2], [1]])
    expect(await send<Tag>(url(), 'GET', TAG)).to.include({ release: 2, movedBy: 'anonymous' })
  })

  it('of a release that no bot can load touches one of them, and is taken back', async () => {
    const { bots, url, pollUntil } = await aFleet(new Set([2]))
    await send(url(), 'PUT', TAG, { release: 2, policy: canary })
    const { reason } = await pollUntil('reverted', 2)
    expect(reason).to.match(
      /^1 of 1 bots could not load release 2 \(pod-\d: 2 failed loads\), 0 run it: back to 1$/,
    )
    expect(bots.filter(({ taken }) => taken.includes(2))).to.have.length(1)
    expect(bots.map(({ runs }) => runs)).to.deep.equal([1, 1, 1])
    expect(await send<Tag>(url(), 'GET', TAG)).to.include({ release: 1 })
    const reply = await fetch(url() + TAG, {
      method: 'PUT',
      body: '{"release": 2}',
      headers: { 'Content-Type': 'application/json' },
    })
    expect([reply.status, ((await reply.json()) as { code: string }).code]).to.deep.equal([
      409,
      'release-quarantined',
    ])
  })
})
