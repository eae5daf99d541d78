import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'

/** What everyone has without asking, as the server has it: a schema that says so would be most of what a browser loads. */
export const DEFAULT_POLICY: RolloutPolicy = {
  steps: ['100%'],
  soak: 0,
  deadline: 3600,
  tolerate: 0,
  onFail: 'revert',
  onInconclusive: 'pause',
  maxUpdating: null,
  drain: 0,
  attempts: 3,
  retry: 3600,
  probes: [],
}
