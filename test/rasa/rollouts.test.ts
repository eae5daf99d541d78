import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import type { Release } from '../../protocol/release.ts'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Rollout } from '../../protocol/rollout.ts'
import { ARCHIVE_MUTATIONS } from '../support/archive-mutations.ts'
import { readMembers } from '../support/read-members.ts'
import { gzipOf, tarOf } from '../support/tar-builder.ts'
import { recordPolls, type PollRecorder } from './poll-recorder.ts'
import { coldStartSeconds, startRasaBot, type RasaBot } from './rasa-bot.ts'
import { startSlipway, type SlipwayServer } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

const archives = path.resolve(import.meta.dirname, '../fixtures/archives')
const archive = (name: string): Promise<Buffer> => readFile(path.join(archives, `${name}.tar.gz`))
const question = 'do you bake birthday cakes'
const pods = ['pod-1', 'pod-2', 'pod-3'] as const

/** Archives that a bot takes whole and cannot load; only the bot can know that, or the publisher said to know better. */
const unloadable: readonly [what: string, make: () => Promise<Buffer | undefined>][] = [
  ['a Rasa that is too old trained it', () => archive('rasa-3.6-light-older-version')],
  ['a Rasa 2 trained it', () => archive('rasa-2.8-light-v1')],
  ['the weights of a component are other bytes', () => archive('rasa-3.6-light-broken-component')],
  [
    'the weights of a component are cut',
    async () =>
      ARCHIVE_MUTATIONS.find(({ name }) => name === 'the largest weights cut')?.apply(
        await archive('rasa-3.6-light-v2'),
      ),
  ],
  ['it names a component that is not installed', withUnknownComponent],
]

describe('three real Rasa bots on a tag with a policy', function () {
  this.bail(true)

  let server: SlipwayServer
  let recorder: PollRecorder
  const bots = new Map<string, RasaBot>()

  before(async () => {
    const folder = await suiteFolder()
    server = await startSlipway(path.join(folder, 'server'))
    recorder = await recordPolls(server.url)
    await publish(await archive('rasa-3.6-light-v1'), '?tag=production')
    await Promise.all(
      pods.map(async (pod) => {
        const url = `${recorder.url}/models/default@production?instance=${pod}`
        bots.set(pod, await startRasaBot(path.join(folder, pod), url))
      }),
    )
  })
  after(endSuite)

  it('are seen to run what they loaded when they started', async () => {
    await until('all bots are seen running release 1', coldStartSeconds, async () => {
      const { items } = await api<{ items: { state: string; release: number | null }[] }>(
        'GET',
        '/bots?model=default',
      )
      return items.length === 3 && items.every(({ state, release }) => state === 'running' && release === 1)
    })
  })

  for (const [what, make] of unloadable) {
    it(`lose nothing by a release of which ${what}: one tries it, two never, and it goes back by itself`, async () => {
      const bytes = await make()
      if (bytes === undefined) throw new Error('there is no such archive')
      const { number, digest } = await publish(bytes, '?accept=archive-incomplete')
      await promote(number, { steps: [1, '100%'] })
      const rollout = await rolloutEnds()
      expect(rollout).to.include({ state: 'reverted', to: number })
      expect(rollout.reason).to.match(
        new RegExp(
          `^1 of 1 bots could not load release ${number} \\(pod-\\d: 3 failed loads.*\\), 0 run it: back to 1$`,
        ),
      )
      const offered = recorder.polls.filter(
        ({ status, etag }) => status === 200 && etag?.includes(digest) === true,
      )
      expect(new Set(offered.map((poll) => /pod-\d/.exec(poll.path)?.[0])).size).to.equal(1)
      for (const bot of bots.values()) expect(await bot.intentOf(question)).to.equal('hello')
      const { quarantine } = await api<Release>('GET', `/models/default/releases/${number}`)
      expect(quarantine?.reason).to.include('could not load')
    })
  }

  it('get a good release one by one, and no user meets a silent bot', async () => {
    const { number } = await publish(await archive('rasa-3.6-light-v2'))
    const users = askEverySecond(['pod-1', 'pod-2'])
    await promote(number, { steps: [1, '100%'], soak: 5, maxUpdating: 1, drain: 6 })
    const rollout = await rolloutEnds()
    const { asked, failures, unready } = await users.stop()
    expect(rollout).to.include({ state: 'done', to: number })
    for (const bot of bots.values()) expect(await bot.intentOf(question)).to.equal('birthday_cake')
    expect(failures).to.deep.equal([])
    expect(asked).to.be.greaterThan(10)
    expect([...unready].toSorted()).to.deep.equal(['pod-1', 'pod-2'])
  })

  /** Users of two replicas behind a balancer, which asks once a second who is ready. */
  function askEverySecond(replicas: readonly string[]) {
    const stopping = new AbortController()
    const failures: string[] = []
    const unready = new Set<string>()
    let asked = 0
    const ask = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        const ready: string[] = []
        for (const pod of replicas) {
          const answer = await fetch(`${server.url}/ready/${pod}?model=default`)
          if (answer.status === 200) ready.push(pod)
          else unready.add(pod)
          await answer.body?.cancel()
        }
        const pod = ready[asked++ % Math.max(1, ready.length)]
        const answer =
          pod === undefined
            ? Promise.reject(new Error('no replica is ready'))
            : bots.get(pod)?.intentOf(question)
        await answer?.catch((error: unknown) => failures.push(`${String(pod)}: ${String(error)}`))
        await pause(1000)
      }
    }
    const ended = ask()
    return {
      stop: async () => {
        stopping.abort()
        await ended
        return { asked, failures, unready }
      },
    }
  }

  async function publish(bytes: Buffer, query = ''): Promise<Release> {
    const answer = await fetch(`${server.url}/models/default${query}`, {
      method: 'POST',
      body: new Uint8Array(bytes),
    })
    if (!answer.ok) throw new Error(`publishing was answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as Release
  }

  async function promote(release: number, policy: Partial<RolloutPolicy>): Promise<void> {
    await api('PUT', '/models/default/tags/production', { release, policy })
  }

  function rolloutEnds(): Promise<Rollout> {
    return until('the rollout ends', 300, async () => {
      const { items } = await api<{ items: Rollout[] }>(
        'GET',
        '/models/default/rollouts?tag=production&limit=1',
      )
      const [last] = items
      return last !== undefined && last.endedAt !== null && last
    })
  }

  async function api<Answer>(method: string, url: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${server.url}/api/v1${url}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (!answer.ok) throw new Error(`${url} was answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
})

/** As where a bot lacks a package of the team's own. */
async function withUnknownComponent(): Promise<Buffer> {
  const members = readMembers(await archive('rasa-3.6-light-v2')).map((member) => {
    if (member.path !== 'metadata.json') return member
    const text = member.content
      .toString()
      .replaceAll('logistic_regression_classifier.Log', 'not_installed.Log')
    return { ...member, content: Buffer.from(text) }
  })
  return gzipOf(tarOf(members))
}
