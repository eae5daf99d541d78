import { expect } from 'chai'
import { callSlipway } from '../../support/call-slipway.ts'
import { eventually } from '../../support/eventually.ts'
import { lyingServer } from '../../support/lying-server.ts'
import { aFleetOn, PRODUCTION, ROLLOUTS } from '../../support/fleet-under-test.ts'

describe('slipway status, of bots and rollouts', function () {
  this.timeout(60_000)

  it('says nothing of them where all is well', async () => {
    const { url } = await aFleetOn(2)
    const env = { SLIPWAY_URL: url }
    expect((await callSlipway(['status'], { env })).out).not.to.match(/paused|failing|lost/)
    const { fleet } = JSON.parse((await callSlipway(['status', '--json'], { env })).out)
    expect(fleet).to.deep.equal({
      rolloutsUnderWay: 0,
      takenBack: [],
      pausedRollouts: 0,
      failing: 0,
      lost: 0,
      lastLostSeen: null,
    })
  })

  it('counts paused rollouts and failing bots, each with the command that shows more', async () => {
    const { url, bots, digests, request, untilRollout } = await aFleetOn(3)
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    const policy = { steps: [1, '100%'], attempts: 1, onFail: 'pause' }
    await request.put(PRODUCTION).send({ release: 2, policy })
    await untilRollout('paused')
    const env = { SLIPWAY_URL: url }
    const { out } = await callSlipway(['status'], { env })
    expect(out).to.match(/^paused: 1 rollout waits for you: slipway rollout shop@production$/m)
    expect(out).to.match(/^failing: 1 bot could not load a release: slipway bots --state failing$/m)
    const { fleet } = JSON.parse((await callSlipway(['status', '--json'], { env })).out)
    expect(fleet).to.include({ rolloutsUnderWay: 0, pausedRollouts: 1, failing: 1, lost: 0 })
  })

  it('says which rollouts are under way, and which are being taken back', async () => {
    const { url, request, pollAll, lastRollout, untilRollout } = await aFleetOn(3)
    const status = async () => (await callSlipway(['status'], { env: { SLIPWAY_URL: url } })).out
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'], soak: 3600 } })
    const where = 'shop@production: slipway rollout shop@production'
    expect(await status()).to.include(`\nunder way: release 2 is on its way to ${where}\n`)
    await pollAll(3)
    await request
      .post(`${ROLLOUTS}/${(await lastRollout()).id}/abort`)
      .send({})
      .expect(200)
    const back = `\nunder way: release 2 is being taken back from ${where}\n`
    await eventually('an overview that is new says so', async () => (await status()).includes(back))
    await untilRollout('aborted')
    await eventually('it is over', async () => !/^under way/m.test(await status()))
  })

  it('says which rollout waits for a person, as bots of its step were left alone, and how it goes on', async () => {
    const { url, bots, digests, request, pollAll } = await aFleetOn(5)
    const slipway = async (...args: string[]) => (await callSlipway(args, { env: { SLIPWAY_URL: url } })).out
    bots[0]!.unloadable.add(digests[2]!)
    await request.put(PRODUCTION).send({
      release: 2,
      policy: { steps: ['100%'], soak: 9, attempts: 1 },
    })
    const waits = 'the rollout of release 2 to shop@production waits for you, or for its deadline'
    await eventually('status says so', async () => {
      await pollAll(1)
      return (await slipway('status')).includes(`\nwaiting: ${waits}: slipway rollout shop@production\n`)
    })
    expect(await slipway('rollout', 'shop@production')).to.match(
      /it waits for you, or for the deadline of the step:\n +slipway rollout retry shop@production .*\n.*advance.*\n.*abort/,
    )
  })

  it('says for a day what was taken back, and why', async () => {
    const { url, clock, bots, digests, request, pollAll, untilRollout } = await aFleetOn(3)
    const status = (...args: string[]) => callSlipway(['status', ...args], { env: { SLIPWAY_URL: url } })
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'] } })
    await untilRollout('reverted')
    const why = /^taken back: release 2 of shop, .*Z: 1 of 1 bots could not load release 2 /m
    await eventually('an overview that is new says so', async () => why.test((await status()).out))
    const { fleet } = JSON.parse((await status('--json')).out)
    expect(fleet.takenBack[0]).to.include({ model: 'shop', release: 2 })
    clock.advance(24 * 60 * 60_000)
    await pollAll()
    await eventually('it is no news any more', async () => !why.test((await status()).out))
  })

  it('counts over all tags, and says when the last of the lost bots was heard', async () => {
    const [early, late] = ['2026-11-24T08:00:00.000Z', '2026-11-26T09:30:00.000Z']
    const aTag = (tag: string, lost: string[], rollout: { state: string } | null) => ({
      model: 'shop',
      tag,
      rollout,
      bots: { states: { running: 3, failing: 1, lost: lost.length } },
      lost: lost.map((lastSeen) => ({ lastSeen })),
    })
    const server = await lyingServer((request, response) => {
      if (request.url?.endsWith('/overview') !== true) {
        response.end(JSON.stringify({ version: '1.2.3', items: [], next: null }))
        return
      }
      const tags = [aTag('a', [late, early], { state: 'paused' }), aTag('b', [early], { state: 'running' })]
      response.end(JSON.stringify({ tags, morePaused: 1 }))
    })
    const { out } = await callSlipway(['status'], { env: { SLIPWAY_URL: server.origin } })
    expect(out.split('\n\n').at(-1)).to.equal(
      'paused: 2 rollouts wait for you: slipway rollout\n' +
        'failing: 2 bots could not load a release: slipway bots --state failing\n' +
        'lost: 3 bots are silent, the last one was heard 2026-11-26 09:30:00Z: slipway bots --state lost\n',
    )
  })

  it('says nothing of them where the server is too old to know', async () => {
    const server = await lyingServer((request, response) => {
      if (request.url?.endsWith('/status') === true) response.end(JSON.stringify({ version: '0.0.1' }))
      else if (request.url?.includes('/models') === true)
        response.end(JSON.stringify({ items: [], next: null }))
      else response.writeHead(404).end()
    })
    const env = { SLIPWAY_URL: server.origin }
    const { code, out } = await callSlipway(['status', '--json'], { env })
    expect(code).to.equal(0)
    expect(JSON.parse(out)).to.deep.equal({ version: '0.0.1', models: [], fleet: null })
  })
})
