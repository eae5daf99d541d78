import { expect } from 'chai'
import { createMetrics } from '../../../server/http/operate/metrics.ts'
import { Traffic } from '../../../server/http/operate/traffic.ts'
import { CurrentReleases } from '../../../server/releases/current-releases.ts'

describe('the metrics of the process', () => {
  it('count CPU time from the start of the server, and not from the first scrape', async () => {
    const before = process.cpuUsage()
    const metrics = createMetrics(new Traffic(), new CurrentReleases(), () => Promise.resolve(undefined))
    const used = () => {
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1e6
    }
    while (used() < 0.3);
    const [, told] = /^slipway_process_cpu_seconds_total (\S+)/m.exec(await metrics.text()) ?? []
    expect(Number(told)).to.be.at.least(0.25)
  })
})
