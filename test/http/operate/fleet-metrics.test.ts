import { expect } from 'chai'
import type { Status } from '../../../protocol/status.ts'
import { aFleetOn, PRODUCTION } from '../../support/fleet-under-test.ts'
import { keptLog } from '../../support/log-lines.ts'
import { PollingBot } from '../../support/polling-bot.ts'

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

  it('count polls for which there is no room, of which the status warns and the log speaks once', async () => {
    const { logger, lines } = keptLog()
    const { request, url } = await aFleetOn(2, { logger, env: { SLIPWAY_MAX_PROCESSES: '2' } })
    const other = new PollingBot(`${url}/models/shop@production`, 'pod-3')
    await other.poll()
    await other.poll()
    const { text } = await request.get('/metrics')
    expect(samplesOf(text).get('slipway_untracked_polls_total')).to.equal(2)
    expect(samplesOf(text).get('slipway_dropped_events_total')).to.equal(0)
    const { warnings } = (await request.get('/api/v1/status')).body as Status
    expect(warnings.map(({ code }) => code)).to.deep.equal(['bots-untracked'])
    expect(lines.filter(({ msg }) => msg === 'bots_untracked')).to.have.length(1)
  })

  it('have no bots of a tag that nobody polls', async () => {
    const { request } = await aFleetOn(0)
    const { text } = await request.get('/metrics')
    expect(text).to.include('# TYPE slipway_bots gauge').and.not.to.include('slipway_bots{')
  })
})
