import { expect } from 'chai'
import { aFleetOn, PRODUCTION } from '../../support/fleet-under-test.ts'

/** The samples of metrics, by name and labels. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line): [string, number] => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

describe('the metrics of the fleet', () => {
  it('count bots by tag and state, loads, failures and rollouts, and name no bot', async () => {
    const { bots, digests, request, untilRollout } = await aFleetOn(3)
    bots[0]!.unloadable.add(digests[2]!)
    const { status } = await request.put(PRODUCTION).send({ release: 2 })
    expect(status).to.equal(200)
    await untilRollout('done')
    const { text } = await request.get('/metrics')
    const samples = samplesOf(text)
    const botsIn = (state: string) =>
      samples.get(`slipway_bots{model="shop",tag="production",state="${state}"}`)
    expect([botsIn('running'), botsIn('failing'), botsIn('lost')]).to.deep.equal([2, 1, 0])
    expect(samples.get('slipway_load_failures_total{model="shop",kind="load"}')).to.equal(3)
    // Three loaded release 1, two release 2.
    expect(samples.get('slipway_load_seconds_count')).to.equal(5)
    expect(
      samples.get('slipway_rollouts_total{model="shop",tag="production",outcome="done"}'),
    ).to.be.at.least(1)
    expect(text).not.to.include('pod-1')
  })

  it('have no bots of a tag that nobody polls', async () => {
    const { request } = await aFleetOn(0)
    const { text } = await request.get('/metrics')
    expect(text).to.include('# TYPE slipway_bots gauge').and.not.to.include('slipway_bots{')
  })
})
