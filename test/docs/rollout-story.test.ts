import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { callSlipway } from '../support/call-slipway.ts'
import { aFleetOn, type FleetUnderTest } from '../support/fleet-under-test.ts'
import type { Ran } from '../support/run-slipway.ts'

// A command may stand on two lines.
const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/rollouts.md'), 'utf8').replaceAll(
  /\s+/g,
  ' ',
)

const CANARY = 'slipway promote shop@production 8 --steps 1,25%,100% --soak 600'

/** Eight bots that run release 7, and somebody who types what the guide says. */
async function aReader(): Promise<FleetUnderTest & { type: (command: string) => Promise<Ran> }> {
  const fleet = await aFleetOn(8, {}, 7)
  const type = (command: string): Promise<Ran> => {
    expect(page).to.match(new RegExp(`${command.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:\\s|\`|$)`))
    return callSlipway(command.split(' ').slice(1), { env: { SLIPWAY_URL: fleet.url } })
  }
  return { ...fleet, type }
}

describe('the guide to rollouts, typed word for word', function () {
  this.timeout(120_000)

  it('brings a good release out, step by step, until all bots run it', async () => {
    const { bots, digests, type, whilePolling } = await aReader()
    const { out } = await type(`${CANARY} --dry-run`)
    expect(out.match(/\d +(?:1|25%|100%) +\d/g)).to.have.length(3)
    const { code, error } = await whilePolling(type(`${CANARY} --wait`))
    expect(code, error).to.equal(0)
    expect(bots.every(({ digest }) => digest === digests[8])).to.equal(true)
    expect((await type('slipway rollout shop@production --watch')).out).to.include(', done')
    // Each bot took each release once.
    expect(bots.map(({ taken }) => taken)).to.deep.equal(bots.map(() => 2))
  })

  it('takes a bad one back from the one bot that got it, and says why', async () => {
    const { bots, digests, type, whilePolling } = await aReader()
    for (const bot of bots) bot.unloadable.add(digests[8]!)
    const { code, error } = await whilePolling(type(`${CANARY} --wait`))
    expect(code).to.equal(1)
    const sentence = /1 of 1 bots could not load release 8 \(pod-\d: 3 failed loads\)[^;\n]*/.exec(error)?.[0]
    expect(sentence).to.match(/: back to 7$/)
    expect((await type('slipway rollout shop@production')).out).to.include(sentence)
    expect(bots.every(({ digest }) => digest === digests[7])).to.equal(true)
    expect(bots.filter(({ taken }) => taken > 1)).to.have.length(1)
    const again = await type(CANARY)
    expect([again.code, again.error]).to.deep.equal([10, again.error])
    expect(again.error).to.include('taken back before')
  })

  it('lets somebody steer', async () => {
    const { bots, digests, type, whilePolling } = await aReader()
    expect((await type('slipway policy shop@production --steps 1,25%,100% --soak 600')).code).to.equal(0)
    expect((await type('slipway policy shop@production --max-updating 1 --drain 30')).code).to.equal(0)
    expect((await runPromote()).code).to.equal(0)
    for (const [command, state] of [
      ['pause', 'paused'],
      ['resume', 'running'],
      ['retry', 'running'],
      ['advance', 'running'],
      ['abort', 'reverting'],
    ] as const) {
      const { code, out, error } = await type(`slipway rollout ${command} shop@production`)
      expect([command, code], error).to.deep.equal([command, 0])
      expect(out).to.include(`, ${state}`)
    }
    await whilePolling(type('slipway rollout shop@production --watch'))
    expect(bots.every(({ digest }) => digest === digests[7])).to.equal(true)

    /** A plain `promote`, "and whatever CI does". */
    function runPromote(): Promise<Ran> {
      return type('slipway promote shop@production 8')
    }
  })

  it('names a bot that needs somebody', async () => {
    const { type } = await aReader()
    expect((await type('slipway bots')).out).to.match(/^8 bots: 8 running\n/)
    expect((await type('slipway bots --state failing')).out).to.include('no bot matches')
    expect((await type('slipway bots pod-3')).out).to.match(/^pod-3: running, runs 7 of shop@production/)
    expect((await type('slipway tags shop@production')).code).to.equal(0)
  })
})
