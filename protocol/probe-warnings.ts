import type { RolloutPolicy } from './rollout-policy.ts'

/**
 * Warns of probes that ask the same address for each bot: a bot that still runs the old model may answer for the one that was to
 * be asked. It forbids nothing, as a gateway that is asked for numbers may mean it.
 */
export function probeWarnings({ probes }: Pick<RolloutPolicy, 'probes'>): { message: string }[] {
  return probes
    .filter(({ url }) => !url.includes('{bot}'))
    .map(({ url }) => ({
      message: `the probe of ${url} asks the same address for each bot, as it has no {bot}: an old model that answers there can pass the step for the new release`,
    }))
}
