import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { changePolicy, previewPolicy, type PolicyBase } from '../actions/change-policy.ts'
import { ApiProblem } from '../api/api.ts'
import { useMay, usePage } from '../page/context.ts'
import { DEFAULT_POLICY } from './default-policy.ts'
import { canBeSaid, draftOf, policyOf, type PolicyDraft } from './policy-draft.ts'
import { PolicyField } from './policy-field.tsx'
import { policySentences } from './policy-sentences.ts'
import { POLICY_FIELDS, POLICY_PRESETS } from './policy-fields.ts'

/** What is wrong, and with which field; null: with none in particular. */
interface Mistake {
  readonly field: string | null
  readonly message: string
}

/** Changes how the releases of a tag are brought out: what that means is said while it is typed. */
export function PolicyForm({ base, release }: { base: PolicyBase; release: number }) {
  const { api, confirm } = usePage()
  const begun = useSignal(base)
  const draft = useSignal<PolicyDraft>(draftOf(base.policy))
  const mistake = useSignal<Mistake | null>(null)
  const isSame = (policy: RolloutPolicy): boolean => same(draft.value, draftOf(policy))
  const isUntouched = isSame(begun.value.policy)
  useEffect(() => {
    // What somebody is typing stays; what is as it was, or as it is now, follows the tag.
    if (!isUntouched && !isSame(base.policy)) return
    begun.value = base
    draft.value = draftOf(base.policy)
  }, [base.entityTag])
  if (!useMay('manage', { model: base.model })) return null
  const isBehind = begun.value.entityTag !== base.entityTag && !same(begun.value.policy, base.policy)
  const fill = (policy: RolloutPolicy): void => {
    draft.value = draftOf(policy)
    mistake.value = null
  }
  const submit = async (): Promise<void> => {
    mistake.value = null
    try {
      const policy = policyOf(draft.value)
      if (api === null) return
      const preview = await previewPolicy(api, { ...base, release }, policy)
      confirm(changePolicy(begun.value, preview.policy, preview))
    } catch (error) {
      mistake.value = mistakeIn(error)
    }
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
        {isBehind && (
          <p class="warning">
            Somebody else changed the policy meanwhile.{' '}
            <button
              type="button"
              class="small"
              onClick={() => {
                begun.value = base
                fill(base.policy)
              }}
            >
              Take over what it is now
            </button>
          </p>
        )}
        <p class="buttons" role="group" aria-label="Fill in">
          {POLICY_PRESETS.map(([name, policy]) => (
            <button
              key={name}
              type="button"
              class="small"
              onClick={() => {
                fill({ ...DEFAULT_POLICY, ...policy })
              }}
            >
              {name}
            </button>
          ))}
        </p>
        <div class="fields">
          {POLICY_FIELDS.map((field) => (
            <PolicyField
              key={field.name}
              field={field}
              value={draft.value[field.name]}
              mistake={mistake.value?.field === field.name ? mistake.value.message : null}
              change={(text) => {
                draft.value = { ...draft.value, [field.name]: text }
              }}
            />
          ))}
        </div>
        <Meaning draft={draft.value} />
        {mistake.value !== null && mistake.value.field === null && (
          <p class="problem" role="alert">
            {mistake.value.message}
          </p>
        )}
        <button type="submit" class="help" aria-haspopup="dialog" disabled={isUntouched}>
          Save the policy…
        </button>
      </form>
    </details>
  )
}

/** What has been typed, in sentences; nothing while it means nothing. */
function Meaning({ draft }: { draft: PolicyDraft }) {
  let sentences: string[]
  try {
    const policy = policyOf(draft)
    if (!canBeSaid(policy)) return null
    sentences = policySentences(policy)
  } catch {
    return null
  }
  return (
    <p class="meaning" aria-live="polite">
      <strong>It means:</strong> {sentences.join(' ')}
    </p>
  )
}

function mistakeIn(error: unknown): Mistake {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ApiProblem)) return { field: 'probes', message }
  const [name] = (error.field ?? '').split('.')
  const isField = POLICY_FIELDS.some((field) => field.name === name)
  return { field: isField ? (name ?? null) : null, message }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
