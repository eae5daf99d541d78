import { expect } from 'chai'
import type { Rollout } from '../../protocol/rollout.ts'
import { eventually } from '../support/eventually.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { withServerGroups, type GroupMember } from '../support/server-group.ts'

const HOUR = 3_600_000
const DEADLINE = 60_000

/** The clock of a machine that nobody set. */
const late = (milliseconds: number) => ({ now: () => Date.now() - milliseconds })

describe('servers over one database whose clocks are an hour apart', function () {
  this.timeout(180_000)
  const groups = withServerGroups()

  /** Keeps house; an hour behind it; an hour ahead of it. */
  const threeServers = async (): Promise<[GroupMember, GroupMember, GroupMember]> => {
    const group = await groups.group()
    const first = await group.compose()
    await eventually(
      'it keeps house',
      async () => {
        const { body } = await first.call('GET', '/api/v1/status')
        return (body['servers'] as { keepsHouse: boolean }[]).some(({ keepsHouse }) => keepsHouse)
      },
      DEADLINE,
    )
    return [first, await group.compose({ clock: late(HOUR) }), await group.compose({ clock: late(-HOUR) })]
  }

  /** The last rollout of a model. */
  const rolloutOf = async ({ call }: GroupMember, model: string): Promise<Rollout> => {
    const { body } = await call('GET', `/api/v1/models/${model}/rollouts?tag=production`)
    const [last] = body['items'] as { id: string }[]
    return (await call('GET', `/api/v1/models/${model}/rollouts/${last?.id}`)).body as unknown as Rollout
  }

  it('bring a canary out, whoever began it, and judge no deadline early or late', async () => {
    const servers = await threeServers()
    const [judge, ...others] = servers
    const models = others.map((starter, index) => ({ starter, model: ['behind', 'ahead'][index]! }))
    let turn = 0
    const bots = models.flatMap(({ model }) =>
      ['pod-1', 'pod-2'].map(
        (name) => new PollingBot(() => `${servers[turn++ % 3]!.url}/models/${model}@production`, name),
      ),
    )
    const pollAll = () => Promise.all(bots.map((bot) => bot.poll()))
    for (const { starter, model } of models) await starter.publish(model, '?tag=production')
    await eventually(
      'they run the first',
      async () => (await pollAll()).every((status) => status === 304),
      DEADLINE,
    )

    for (const { starter, model } of models) {
      await starter.publish(model)
      const policy = { steps: [1, '100%'], soak: 1 }
      const to = { release: 2, policy }
      expect((await starter.call('PUT', `/api/v1/models/${model}/tags/production`, to)).status).to.equal(200)
    }
    for (const { model } of models) {
      const ended = await eventually(
        `the canary of ${model} ends`,
        async () => {
          await pollAll()
          await judge.server.judge.judgeAll()
          const rollout = await rolloutOf(judge, model)
          return rollout.state !== 'running' && rollout
        },
        DEADLINE,
      )
      expect(ended, ended.reason ?? '').to.include({ state: 'done' })
      expect(Date.parse(ended.endedAt ?? '') - Date.parse(ended.startedAt)).to.be.within(1_000, HOUR / 2)
    }

    // Nobody polls any more: a deadline decides.
    for (const { starter, model } of models) {
      await starter.publish(model)
      const to = { release: 3, policy: { steps: [1, '100%'], deadline: 3 } }
      expect((await starter.call('PUT', `/api/v1/models/${model}/tags/production`, to)).status).to.equal(200)
    }
    for (const { model } of models) {
      const paused = await eventually(
        `the deadline of ${model} passes`,
        async () => {
          await judge.server.judge.judgeAll()
          const rollout = await rolloutOf(judge, model)
          return rollout.state === 'paused' && rollout
        },
        DEADLINE,
      )
      const [step] = paused.steps
      expect(step).to.include({ state: 'inconclusive' })
      expect(Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')).to.be.within(
        3_000,
        HOUR / 2,
      )
    }
  })

  it('take a token as long as it is good, and not longer', async () => {
    const env = { SLIPWAY_PUBLISH_TOKEN: 'publishing', SLIPWAY_PULL_TOKEN: 'pulling' }
    const group = await groups.group()
    const [behind, ahead] = [
      await group.compose({ env, clock: late(HOUR) }),
      await group.compose({ env, clock: late(-HOUR) }),
    ]
    const make = async (at: GroupMember, name: string, expiresIn: number): Promise<string> => {
      const wanted = { name, allow: ['admin'], expiresIn }
      const { status, body } = await at.call('POST', '/api/v1/tokens', wanted, 'publishing')
      expect(status, JSON.stringify(body)).to.equal(201)
      return body['secret'] as string
    }
    const isTaken = async (at: GroupMember, token: string) =>
      (await at.call('GET', '/api/v1/models', undefined, token)).status === 200
    const [long, short] = [await make(behind, 'long', 600), await make(ahead, 'short', 3)]
    await eventually('it is taken by the server ahead', () => isTaken(ahead, long), DEADLINE)
    await eventually('it ends where it was made', async () => !(await isTaken(ahead, short)), DEADLINE)
    await eventually(
      'it is known at the other one, too',
      async () =>
        JSON.stringify(await behind.call('GET', '/api/v1/tokens', undefined, long)).includes('short'),
      DEADLINE,
    )
    expect(await isTaken(behind, short)).to.equal(false)
    expect(await isTaken(ahead, long)).to.equal(true)
  })
})
