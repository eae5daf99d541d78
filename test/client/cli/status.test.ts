import { expect } from 'chai'
import { callSlipway } from '../../support/call-slipway.ts'
import { lyingServer } from '../../support/lying-server.ts'
import { aFleetOn, PRODUCTION } from '../../support/fleet-under-test.ts'

describe('slipway status, of bots and rollouts', function () {
  this.timeout(60_000)

  it('says nothing of them where all is well', async () => {
    const { url } = await aFleetOn(2)
    const env = { SLIPWAY_URL: url }
    expect((await callSlipway(['status'], { env })).out).not.to.match(/paused|failing|lost/)
    const { fleet } = JSON.parse((await callSlipway(['status', '--json'], { env })).out)
    expect(fleet).to.deep.equal({ pausedRollouts: 0, failing: 0, lost: 0, lastLostSeen: null })
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
    expect(fleet).to.deep.equal({ pausedRollouts: 1, failing: 1, lost: 0, lastLostSeen: null })
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
