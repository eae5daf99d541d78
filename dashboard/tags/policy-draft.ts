import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { DEFAULT_POLICY } from './default-policy.ts'

type Field = keyof RolloutPolicy

/** A policy as it stands in a form: what was typed. */
export type PolicyDraft = Readonly<Record<Field, string>>

/** Fields of a policy as they are sent; whether they can work is for the server to say. */
export type PolicyFields = Partial<Record<Field, unknown>>

const FIELDS = Object.keys(DEFAULT_POLICY) as Field[]

/** A policy as a form shows it. */
export function draftOf(policy: RolloutPolicy): PolicyDraft {
  const { steps, probes, maxUpdating, ...rest } = policy
  return {
    ...(Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])) as Record<
      Exclude<Field, 'steps' | 'probes' | 'maxUpdating'>,
      string
    >),
    steps: steps.join(', '),
    maxUpdating: maxUpdating === null ? '' : String(maxUpdating),
    probes: probes.map((probe) => JSON.stringify(probe)).join('\n'),
  }
}

/**
 * What was typed as a policy. What is left empty is as it is by default.
 *
 * @throws Error where a probe is no JSON; its message names the line.
 */
export function policyOf(draft: PolicyDraft): PolicyFields & Record<Field, unknown> {
  const amount = (name: Field): unknown =>
    draft[name].trim() === '' ? DEFAULT_POLICY[name] : amountOf(draft[name])
  return {
    steps:
      draft.steps.trim() === ''
        ? DEFAULT_POLICY.steps
        : draft.steps
            .split(/[\s,]+/)
            .filter(Boolean)
            .map(amountOf),
    soak: amount('soak'),
    deadline: amount('deadline'),
    tolerate: amount('tolerate'),
    onFail: draft.onFail,
    onInconclusive: draft.onInconclusive,
    maxUpdating: amount('maxUpdating'),
    drain: amount('drain'),
    attempts: amount('attempts'),
    retry: amount('retry'),
    probes: probesOf(draft.probes),
  }
}

/** Whether what was typed can be said in sentences: numbers where there must be numbers, and probes with an address. */
export function canBeSaid(policy: PolicyFields): policy is RolloutPolicy {
  const numbers = [policy.soak, policy.deadline, policy.drain, policy.attempts, policy.retry]
  const amounts = [...(policy.steps as unknown[]), policy.tolerate, policy.maxUpdating ?? 1]
  const probes = policy.probes as readonly ({ readonly url?: unknown } | null)[]
  return (
    probes.every((probe) => typeof probe?.url === 'string') &&
    numbers.every((value) => typeof value === 'number') &&
    amounts.every((value) => typeof value === 'number' || /^\d{1,3}(?:\.\d{1,2})?%$/.test(String(value)))
  )
}

/** Those fields of a policy that are not as in another: as by default unless said otherwise. */
export function differingFields(policy: PolicyFields, other: PolicyFields = DEFAULT_POLICY): PolicyFields {
  const differing = FIELDS.filter((name) => JSON.stringify(policy[name]) !== JSON.stringify(other[name]))
  return Object.fromEntries(differing.map((name) => [name, policy[name]]))
}

/** A number of bots or of seconds, or a share; what is neither is sent as it is, and refused by name. */
function amountOf(text: string): number | string {
  const trimmed = text.trim()
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed
}

function probesOf(text: string): unknown[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [JSON.parse(line) as unknown]
    } catch {
      throw new Error(`Line ${index + 1} is no JSON.`)
    }
  })
}
