import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import { AuditChainCheck } from '../../protocol/audit-chain.ts'
import type { AuditEntry, AuditHead } from '../../protocol/audit.ts'
import type { Event } from '../../protocol/event.ts'
import type { Release } from '../../protocol/release.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { TagMove } from '../../protocol/tag.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, untilWritable, type FaultyMember } from '../support/faulty-group.ts'
import { ask } from '../support/history/ask.ts'
import { listAll } from '../support/history/list-all.ts'
import { FIRST, GROUP_CHANGES, type Expected, type GroupChange } from '../support/kills/group-changes.ts'
import { sendOnce, type SingleAnswer } from '../support/kills/single-request.ts'
import { untilHeld } from '../support/kills/until-held.ts'
import { shortOrLong } from '../support/long-form.ts'
import { PollingBot } from '../support/polling-bot.ts'

const DEADLINE = 120_000
const MODEL = '/api/v1/models/shop'

/** The changes of which servers are killed; the others are only made. */
const killed = shortOrLong(
  'servers of a group that are killed amid each change of a tag, a rollout, or what there is: two changes instead of all',
  {
    short: ['the passing of its first step', 'pruning'],
    long: GROUP_CHANGES.map(({ name }) => name),
  },
)

describe('a change by servers of a group that are killed amid it', function () {
  this.timeout(1_200_000)

  it(`is made as a whole or not at all, and once, for all of them (${killed.length} changes, two kills each)`, async function () {
    const shop = await ChangedShop.open(this)
    for (const change of GROUP_CHANGES)
      await (killed.includes(change.name) ? shop.killAmid(change) : shop.make(change)).catch(
        (cause: unknown) => {
          throw new Error(`${change.name}: ${String(cause)}`, { cause })
        },
      )
    await shop.verifyRecords()
  })
})

/** Three servers, one model, and what people expect of it. */
class ChangedShop {
  readonly #group: FaultyGroup
  readonly #digests: ReadonlyMap<number, string>
  #expected = FIRST
  #turn = 0

  private constructor(group: FaultyGroup, digests: ReadonlyMap<number, string>) {
    this.#group = group
    this.#digests = digests
  }

  static async open(context: Mocha.Context): Promise<ChangedShop> {
    const group = await FaultyGroup.start(context, { servers: 3 })
    const { url } = group.members[0]!.running
    const digests = new Map<number, string>()
    for (const number of FIRST.releases) {
      const body = anArchive({ payloadBytes: 1_000 + number })
      const query = number === 1 ? '?tag=production&tag=candidate' : ''
      const { status } = await sendOnce(url, { method: 'POST', path: `/models/shop${query}`, body })
      expect(status).to.equal(201)
      digests.set(number, createHash('sha256').update(body).digest('hex'))
    }
    // That they run something makes them count: a step without bots is never passed by itself.
    for (const name of ['pod-1', 'pod-2']) {
      const bot = new PollingBot(`${url}/models/shop@production`, name)
      await eventually(`${name} runs it`, async () => (await bot.poll()) === 304, DEADLINE)
    }
    return new ChangedShop(group, digests)
  }

  /** Has a change made, and nothing go wrong. */
  async make(change: GroupChange): Promise<void> {
    const answer = await this.#ask(this.#group.members[0]!, change)
    expect(answer.status, JSON.stringify(answer.body)).to.be.within(200, 204)
    this.#expected = change.effect(this.#expected)
  }

  /**
   * Kills a server while the transaction of the change is open, and one that was asked for it next when that is committed and nobody was told;
   * it is asked for once more at the third, and all of them say the same of it then.
   */
  async killAmid(change: GroupChange): Promise<void> {
    const { members } = this.#group
    const [first, second, third] = [0, 1, 2].map((place) => members[(this.#turn + place) % 3]!) as [
      FaultyMember,
      FaultyMember,
      FaultyMember,
    ]
    this.#turn++
    await untilHeld(first.database, change.statement, this.#ask(first, change))
    await kill(first)
    for (const other of [second, third]) await this.#verify(other)

    await untilHeld(second.database, change.statement, this.#ask(second, change))
    second.database.inject({ kind: 'hold-answer', to: 'commit\0' })
    this.#expected = change.effect(this.#expected)
    await eventually('it is committed', () => this.#isAsExpected(third), DEADLINE)
    await kill(second)
    await this.#verify(third)

    const again = await this.#ask(third, change)
    const statuses = change.again === undefined ? [200, 204] : [change.again]
    expect(again.status, JSON.stringify(again.body)).to.be.oneOf(statuses)
    await Promise.all([first, second].map((member) => this.#group.startAgain(member)))
    for (const member of members) {
      await untilWritable(member)
      await this.#verify(member)
    }
  }

  /** The records beside the archives say the same, whoever wrote them before. */
  async verifyRecords(): Promise<void> {
    const folder = path.join(await this.#group.objects.makeBucket('models'), 'records/shop')
    const isRecorded = async () => {
      const { tags } = JSON.parse(await readFile(path.join(folder, 'tags.json'), 'utf8')) as {
        tags: { tag: string; release: number }[]
      }
      const production = tags.find(({ tag }) => tag === 'production')?.release
      const kept = await Promise.all(
        FIRST.releases.map((number) =>
          readFile(path.join(folder, `releases/${number}.json`)).then(
            () => [number],
            () => [],
          ),
        ),
      )
      const isSame = kept.flat().join() === this.#expected.releases.join()
      return production === this.#expected.production.at(-1) && isSame
    }
    await eventually('the records say so', isRecorded, DEADLINE)
  }

  async #ask({ running: { url } }: FaultyMember, change: GroupChange): Promise<SingleAnswer> {
    const [last] = await listAll<RolloutSummary>(`${url}${MODEL}/rollouts`)
    return sendOnce(url, change.request(last?.id ?? ''))
  }

  async #isAsExpected(member: FaultyMember): Promise<boolean> {
    return isDeepStrictEqual((await this.#saidBy(member)).said, this.#expected)
  }

  /** All that a server says is as expected, and what it says in one place is what it says in another. */
  async #verify(member: FaultyMember): Promise<void> {
    const { url } = member.running
    const { said, told } = await this.#saidBy(member)
    expect(said, `${url} says ${JSON.stringify(said)}`).to.deep.equal(this.#expected)
    expect(told, `what events of ${url} tell of the tag`).to.deep.equal(said.production)
    const release = this.#expected.production.at(-1)!
    const pulled = async () => {
      const { headers } = await ask(`${url}/models/shop@production`, { method: 'HEAD' })
      const [number, tag] = [headers?.get('slipway-release'), headers?.get('etag')]
      if (Number(number) !== release) return false
      expect(tag, `at ${url}`).to.equal(`"${this.#digests.get(release)!}"`)
      return true
    }
    // It looks for news of the others once a second.
    await eventually(`${url} answers polls with ${release}`, pulled, 30_000)
    await this.#verifyAudit(url)
  }

  /** What a server says there is, and what its events tell of the moves of `production`. */
  async #saidBy({ running: { url } }: FaultyMember): Promise<{ said: Expected; told: unknown[] }> {
    const historyOf = async (tag: string) =>
      (await listAll<TagMove>(`${url}${MODEL}/tags/${tag}/history`)).map(({ to }) => to).toReversed()
    const releases = (await listAll<Release>(`${url}${MODEL}/releases`)).map(({ number }) => number)
    const { body } = await ask(`${url}/api/v1/events?after=0&limit=1000`, {}, DEADLINE)
    const events = (body as { items: Event[] }).items.filter(({ tag }) => tag === 'production')
    const told = events.filter(({ type }) => type === 'tag.moved').map(({ data }) => data['to'])
    const rollouts = Map.groupBy(
      events.filter(({ type }) => type === 'rollout.changed').map(({ data }) => data),
      ({ id }) => Number(id),
    )
    const states = [...rollouts].map(([, each]) =>
      each.map(({ state, step }) => `${String(state)} ${String(step)}`),
    )
    for (const each of states) expect([...new Set(each)], 'each step is told of once').to.deep.equal(each)
    const last = states[[...rollouts.keys()].indexOf(Math.max(...rollouts.keys()))] ?? []
    const [production, candidate] = [await historyOf('production'), await historyOf('candidate')]
    const rollout = this.#expected.rollout && last
    const begun = rollouts.size
    return { said: { production, candidate, begun, rollout, releases: releases.toReversed() }, told }
  }

  /** Its chain is whole, and it has each move of the tag once. */
  async #verifyAudit(url: string): Promise<void> {
    const { body } = await ask(`${url}/api/v1/audit?limit=1000&after=0`, {}, DEADLINE)
    const { items, head } = body as { items: AuditEntry[]; head: AuditHead }
    const check = new AuditChainCheck()
    // The head was read first, and a housekeeper may go on adding entries.
    for (const entry of items.filter(({ sequence }) => sequence <= head.sequence))
      expect(check.take(entry)).to.equal(undefined)
    expect(check.end(head)).to.equal(undefined)
    const moves = items.filter(({ action, tag }) => action === 'tag.moved' && tag === 'production')
    expect(moves.map(({ after }) => after?.['release'])).to.deep.equal(this.#expected.production)
  }
}

async function kill({ running, database, bucket }: FaultyMember): Promise<void> {
  running.kill('SIGKILL')
  await running.ended
  for (const wire of [database, bucket]) wire.heal()
}
