import { rm } from 'node:fs/promises'
import { mock } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { MINUTE, POD, processName, SECOND, START } from './facts.ts'
import { simulate } from './simulator/simulation.ts'
import { playHistory, type Scenario } from './simulator/history.ts'
import { makeTemplate, WholeServer, type ServerTemplate } from './simulator/whole-server.ts'

const SEED = Number(process.env['SEED'] ?? 20261126)

describe('the server that ships, with a simulated fleet', function () {
  // A history takes a second or two; on a busy machine more.
  this.timeout(300_000)

  let template: ServerTemplate

  before(async () => {
    template = await makeTemplate(START - MINUTE)
  })

  after(async () => {
    await rm(template.folder, { recursive: true, force: true })
  })

  const makeServer = (now: number, seed: number): Promise<WholeServer> =>
    WholeServer.start(template, now, seed)

  it('plays the same history again from the same seed', async () => {
    const scenario: Scenario = {
      seed: SEED,
      quality: 'hanging',
      faults: ['transfers are cut'],
      bots: 10,
      policy: { steps: [1, '100%'], soak: 0, maxUpdating: null, drain: 0 },
    }
    expect(await playHistory(scenario, makeServer)).to.deep.equal(await playHistory(scenario, makeServer))
  })

  it('has a transfer take as long as the simulation says, whatever the machine’s clock shows', async () => {
    const server = await WholeServer.start(template, START, SEED)
    mock.timers.enable({ apis: ['setInterval'] })
    try {
      const [process, sentAt] = [processName('a'), START + 2 * SECOND]
      const poll = { process, source: POD, digest: null, hints: [] }
      const answer = await server.poll(poll, START + SECOND)
      mock.timers.tick(10 * MINUTE)
      // A connection that is given up is noted some turns later.
      for (let turn = 0; turn < 100; turn++) await nextTurn()
      if (answer.status === 200) await server.sent(process, answer.stream, sentAt)
      expect(server.describe(process)?.offer).to.include({ release: server.old.release, sentAt })
    } finally {
      mock.timers.reset()
      await server.close()
    }
  })

  it('takes back no good release, lets no bad one pass, and keeps every promise', async () => {
    const { confusion, violations } = await simulate({ healthy: 4, seed: SEED, makeServer })
    expect(violations).to.deep.equal([])
    for (const quality of ['broken', 'crashing', 'hanging'])
      expect(confusion[quality]?.done).to.equal(undefined)
  })

  it('goes on with a rollout after each of many restarts', async () => {
    const scenario: Scenario = {
      seed: SEED,
      quality: 'good',
      faults: ['the server restarts often', 'loads are slow'],
      bots: 4,
      policy: { steps: [1, '50%', '100%'], soak: 300, maxUpdating: 1, drain: 30 },
    }
    const outcome = await playHistory(scenario, makeServer)
    expect(outcome.violations).to.deep.equal([])
    expect(outcome).to.include({ state: 'done', isPassed: true, touched: 4 })
  })

  it('takes a broken release back from its canary, although the server restarts', async () => {
    const scenario: Scenario = {
      seed: SEED + 1,
      quality: 'broken',
      faults: ['the server restarts often'],
      bots: 3,
      policy: { steps: [1, '100%'], soak: 0, maxUpdating: null, drain: 0 },
    }
    const outcome = await playHistory(scenario, makeServer)
    expect(outcome.violations).to.deep.equal([])
    expect(outcome).to.include({ state: 'reverted', isQuarantined: true, touched: 1 })
  })
})
