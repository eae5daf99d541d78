import { expect } from 'chai'
import { onlyInLongForm } from '../support/long-form.ts'
import { sharedPostgres } from '../support/services/shared-postgres.ts'
import { MINUTE, START } from './facts.ts'
import { playHistory, type MakeServer, type Scenario } from './simulator/history.ts'
import { simulate } from './simulator/simulation.ts'
import { dropGroupTemplate, makeGroupTemplate, type GroupTemplate } from './simulator/group-template.ts'
import { WholeGroup } from './simulator/whole-group.ts'

const SEED = Number(process.env['SEED'] ?? 20261126)

describe('servers that share a Postgres, with a simulated fleet', function () {
  // A history takes half a minute on a busy machine.
  this.timeout(900_000)

  let template: GroupTemplate | undefined

  before(async function () {
    template = await makeGroupTemplate(await sharedPostgres(this), START - MINUTE)
  })

  after(async () => {
    if (template !== undefined) await dropGroupTemplate(template)
  })

  const makeServers =
    (servers: number): MakeServer =>
    (now, seed) => {
      if (template === undefined) throw new Error('there is no template')
      return WholeGroup.start(template, { servers, now, seed })
    }

  it('update no more bots at once than all together may, whoever of them is cut off and restarts, and bring the release out', async () => {
    const scenario: Scenario = {
      seed: SEED,
      quality: 'good',
      bots: 4,
      togetherMs: 200,
      faults: ['a server is cut off from its database', 'the server restarts'],
      policy: { steps: [1, '100%'], soak: 60, maxUpdating: 1, drain: 30 },
    }
    const outcome = await playHistory(scenario, makeServers(2))
    expect(outcome.violations).to.deep.equal([])
    expect(outcome).to.include({ state: 'done', isPassed: true, touched: 4 })
  })

  it('take a broken release back from its canary, although each of them sleeps beyond its lease', async () => {
    const scenario: Scenario = {
      seed: SEED + 1,
      quality: 'broken',
      faults: ['a server sleeps'],
      bots: 3,
      policy: { steps: [1, '100%'], soak: 0, maxUpdating: null, drain: 0 },
    }
    const outcome = await playHistory(scenario, makeServers(3))
    expect(outcome.violations).to.deep.equal([])
    expect(outcome).to.include({ state: 'reverted', isQuarantined: true, touched: 1 })
  })

  it('take back no good release, let no bad one pass, and keep every promise', async function () {
    onlyInLongForm(this, 'two histories that are not drawn')
    const plan = { healthy: 5, seed: SEED, isGroup: true, makeServer: makeServers(2) }
    const { confusion, violations } = await simulate(plan)
    expect(violations).to.deep.equal([])
    for (const quality of ['broken', 'crashing', 'hanging'])
      expect(confusion[quality]?.done).to.equal(undefined)
  })
})
