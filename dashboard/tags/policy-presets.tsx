import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { DEFAULT_POLICY } from './default-policy.ts'
import { POLICY_PRESETS } from './policy-fields.ts'
import { ScriptButton } from '../parts/script-button.tsx'

/** Policies to begin with, a button each. */
export function PolicyPresets({ fill }: { fill: (policy: RolloutPolicy) => void }) {
  return (
    <p class="buttons" role="group" aria-label="Fill in">
      {POLICY_PRESETS.map(([name, policy]) => (
        <ScriptButton
          key={name}
          type="button"
          class="small"
          onClick={() => {
            fill({ ...DEFAULT_POLICY, ...policy })
          }}
        >
          {name}
        </ScriptButton>
      ))}
    </p>
  )
}
