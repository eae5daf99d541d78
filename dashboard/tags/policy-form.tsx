import { useSignal } from '@preact/signals'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { changePolicy, previewPolicy, type PolicyBase } from '../actions/change-policy.ts'
import { useMay, usePage } from '../page/context.ts'
import { policyOf } from './policy-draft.ts'
import { PolicyField } from './policy-field.tsx'
import { POLICY_FIELDS } from './policy-fields.ts'
import { PolicyMeaning } from './policy-meaning.tsx'
import { policyMistakeIn, type PolicyMistake } from './policy-mistake.ts'
import { PolicyPresets } from './policy-presets.tsx'
import { usePolicyDraft } from './use-policy-draft.ts'
import { ScriptButton } from '../parts/script-button.tsx'

/** Changes how the releases of a tag are brought out: what that means is said while it is typed. */
export function PolicyForm({ base, release }: { base: PolicyBase; release: number }) {
  const { api, confirm } = usePage()
  const { draft, begun, isUntouched, isBehind, type, fill, beginAnew } = usePolicyDraft(base)
  const mistake = useSignal<PolicyMistake | null>(null)
  const isAsking = useSignal(false)
  if (!useMay('manage', { model: base.model })) return null
  const submit = async (): Promise<void> => {
    if (api === null || isAsking.value) return
    mistake.value = null
    isAsking.value = true
    try {
      const policy = policyOf(draft)
      const preview = await previewPolicy(api, { ...base, release }, policy)
      confirm(changePolicy(begun, preview.policy, preview))
    } catch (error) {
      mistake.value = policyMistakeIn(error)
    } finally {
      isAsking.value = false
    }
  }
  const fillIn = (policy: RolloutPolicy): void => {
    fill(policy)
    mistake.value = null
  }
  const takeOver = (): void => {
    beginAnew()
    mistake.value = null
  }
  return (
    <details class="needs-script names">
      <summary>Edit the policy</summary>
      <form
        class="policy"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {isBehind && <Behind takeOver={takeOver} />}
        <PolicyPresets fill={fillIn} />
        <div class="fields">
          {POLICY_FIELDS.map((field) => (
            <PolicyField
              key={field.name}
              field={field}
              value={draft[field.name]}
              mistake={mistake.value?.field === field.name ? mistake.value.message : null}
              change={(text) => {
                type(field.name, text)
              }}
            />
          ))}
        </div>
        <PolicyMeaning draft={draft} />
        {mistake.value !== null && mistake.value.field === null && (
          <p class="problem" role="alert">
            {mistake.value.message}
          </p>
        )}
        <ScriptButton type="submit" class="help" aria-haspopup="dialog" disabled={isUntouched}>
          Save the policy…
        </ScriptButton>
      </form>
    </details>
  )
}

function Behind({ takeOver }: { takeOver: () => void }) {
  return (
    <p class="warning">
      Somebody else changed the policy meanwhile.{' '}
      <ScriptButton type="button" class="small" onClick={takeOver}>
        Take over what it is now
      </ScriptButton>
    </p>
  )
}
