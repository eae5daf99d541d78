import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { HttpProber } from '../probing/http-prober.ts'
import type { Prober } from '../rollouts/prober.ts'

/** What asks bots, with a line of the log for each probe: a warning where somebody should look. */
export function composeProber({ probeHosts }: Pick<Config, 'probeHosts'>, logger: Logger): Prober {
  return new HttpProber({
    hosts: probeHosts,
    onReport: ({ result, ...report }) => {
      logger[result === 'passed' ? 'info' : 'warn'](report, `probe_${result}`)
    },
  })
}
