import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { PolicyBase } from '../actions/change-policy.ts'
import { draftOf, type PolicyDraft } from './policy-draft.ts'

/** A policy that somebody is changing, beside the one that holds meanwhile. */
export interface DraftedPolicy {
  /** What stands in the form. */
  readonly draft: PolicyDraft
  /** The policy that the change began with, and will be compared with when it is saved. */
  readonly begun: PolicyBase
  /** Whether the form says what it began with. */
  readonly isUntouched: boolean
  /** Whether somebody else has changed the policy since. */
  readonly isBehind: boolean
  /** Takes over what was typed into a field. */
  readonly type: (field: keyof PolicyDraft, text: string) => void
  /** Has the form say another policy. */
  readonly fill: (policy: RolloutPolicy) => void
  /** Begins anew with the policy that holds now. */
  readonly beginAnew: () => void
}

/** Keeps what somebody types of a policy. What is as it was, or as it is now, follows the tag. @param base The policy that holds now */
export function usePolicyDraft(base: PolicyBase): DraftedPolicy {
  const begun = useSignal(base)
  const draft = useSignal(draftOf(base.policy))
  const says = (policy: RolloutPolicy): boolean => isSame(draft.value, draftOf(policy))
  const isUntouched = says(begun.value.policy)
  const fill = (policy: RolloutPolicy): void => {
    draft.value = draftOf(policy)
  }
  const beginAnew = (): void => {
    begun.value = base
    fill(base.policy)
  }
  useEffect(() => {
    if (isUntouched || says(base.policy)) beginAnew()
  }, [base.entityTag])
  return {
    draft: draft.value,
    begun: begun.value,
    isUntouched,
    isBehind: begun.value.entityTag !== base.entityTag && !isSame(begun.value.policy, base.policy),
    type(field, text) {
      draft.value = { ...draft.value, [field]: text }
    },
    fill,
    beginAnew,
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
