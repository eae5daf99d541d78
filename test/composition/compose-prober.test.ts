import { expect } from 'chai'
import { probeSchema } from '../../protocol/rollout-policy.ts'
import { composeProber } from '../../server/composition/compose-prober.ts'
import { loadConfig } from '../../server/config/config.ts'
import { NEW } from '../fleet/facts.ts'
import { keptLog } from '../support/log-lines.ts'

describe('the prober of a server', () => {
  it('asks the hosts of SLIPWAY_PROBE_HOSTS alone, and writes to the log what came of it', async () => {
    const config = loadConfig({ SLIPWAY_PROBE_HOSTS: '*.bots.svc' }, '/srv')
    const { logger, lines } = keptLog()
    const prober = composeProber(config, logger)
    const probes = [probeSchema.parse({ url: 'http://{bot}.elsewhere.svc/status?token=hunter2' })]
    const { signal } = new AbortController()
    expect(await prober.askProbe({ model: 'shop', bot: 'pod-1' }, NEW, probes, signal)).to.equal(
      'unreachable',
    )
    expect(lines[0]).to.include({
      level: 40,
      msg: 'probe_unreachable',
      model: 'shop',
      bot: 'pod-1',
      release: NEW.release,
      url: 'http://{bot}.elsewhere.svc/status',
    })
  })
})
