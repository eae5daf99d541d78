import { rolloutPolicySchema, type RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { DomainError } from '../errors/errors.ts'
import { percentOf } from './amount.ts'
import { probeHostRefusal } from './probe-hosts.ts'

/** Why a policy cannot work: the field as a path (`steps.1`), and what is wrong with it. */
export interface PolicyProblem {
  field: string
  message: string
}

/** A policy with its defaults, or everything that is wrong with it. */
export type PolicyReading =
  { policy: RolloutPolicy; problems: [] } | { policy: undefined; problems: PolicyProblem[] }

/**
 * Reads a policy as it came, and fills in defaults.
 *
 * @param defaults What a field that is missing is: the tag's policy, where one promotion alters it.
 * @param probeHosts Patterns of hosts that probes may ask; empty: none.
 */
export function readPolicy(
  value: unknown,
  {
    probeHosts = [],
    defaults = {},
  }: { probeHosts?: readonly string[]; defaults?: Partial<RolloutPolicy> } = {},
): PolicyReading {
  const whole = isRecord(value) ? { ...defaults, ...value } : value
  const parsed = rolloutPolicySchema.safeParse(whole)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message, ...issue }) => {
      const unknown = 'keys' in issue && Array.isArray(issue.keys) ? issue.keys.slice(0, 1).map(String) : []
      const isUnknown = path.length === 0 && unknown.length > 0
      const said = isUnknown ? 'is no field of a policy' : message
      return { field: [...path, ...unknown].join('.') || 'policy', message: said }
    })
    return { policy: undefined, problems }
  }
  const problems = contradictions(parsed.data, probeHosts)
  return problems.length > 0 ? { policy: undefined, problems } : { policy: parsed.data, problems: [] }
}

/**
 * As {@link readPolicy}.
 *
 * @throws DomainError `policy-invalid` with everything that is wrong; `data.field` is the first field.
 */
export function readPolicyOrRefuse(
  value: unknown,
  options: { probeHosts?: readonly string[]; defaults?: Partial<RolloutPolicy> },
): RolloutPolicy {
  const { policy, problems } = readPolicy(value, options)
  if (policy !== undefined) return policy
  const said = problems.map(({ field, message }) => `${nameOf(field)} ${message}`).join('; ')
  throw new DomainError('policy-invalid', `The rollout policy cannot work: ${said}.`, {
    field: problems[0]?.field ?? 'policy',
  })
}

/** How people name a field: steps are counted from 1 wherever they are shown. */
function nameOf(field: string): string {
  const [name, index] = field.split('.')
  if (name === 'steps' && index !== undefined) return `step ${Number(index) + 1}`
  if (name === 'probes' && index !== undefined) return `probe ${Number(index) + 1} (${field}):`
  return name === 'policy' || name === 'probes' ? `${field}:` : field
}

function contradictions(policy: RolloutPolicy, probeHosts: readonly string[]): PolicyProblem[] {
  const { soak, deadline, drain, maxUpdating, steps, tolerate, probes } = policy
  const problems = stepProblems(steps)
  if (soak > deadline) {
    problems.push({ field: 'soak', message: `is ${soak} s, beyond the deadline of ${deadline} s` })
  }
  if (drain > 0 && maxUpdating === null) {
    problems.push({
      field: 'drain',
      message: 'needs maxUpdating (--max-updating): without it all bots would be drained at once',
    })
  }
  if (drain >= deadline) {
    problems.push({
      field: 'drain',
      message: `is ${drain} s, and the deadline ${deadline} s: it would pass before a bot is offered the release`,
    })
  }
  const [first] = steps
  if (tolerate === '100%') {
    problems.push({ field: 'tolerate', message: 'is every bot: no step could fail' })
  } else if (typeof first === 'number' && typeof tolerate === 'number' && tolerate >= first) {
    problems.push({
      field: 'tolerate',
      message: `is ${tolerate}, and the first step has ${first}: it could not fail`,
    })
  }
  probes.forEach(({ url }, index) => {
    const refusal = probeHostRefusal(url, probeHosts)
    if (refusal !== undefined) problems.push({ field: `probes.${index}.url`, message: refusal })
  })
  return problems
}

/** Numbers rise, shares rise, shares come after numbers: which of them is more depends on the fleet otherwise. */
function stepProblems(steps: RolloutPolicy['steps']): PolicyProblem[] {
  const problems = steps.flatMap((step, index): PolicyProblem[] => {
    const before = steps[index - 1]
    if (before === undefined || isRise(before, step)) return []
    const message = `is ${JSON.stringify(step)}, after ${JSON.stringify(before)}: each step must be more than the one before, and no number may follow a share`
    return [{ field: `steps.${index}`, message }]
  })
  if (steps.at(-1) !== '100%') {
    problems.push({ field: `steps.${steps.length - 1}`, message: 'is the last step, and must be "100%"' })
  }
  return problems
}

function isRise(before: number | string, after: number | string): boolean {
  const [one, other] = [percentOf(before), percentOf(after)]
  if (one === undefined) return other !== undefined || Number(after) > Number(before)
  return other !== undefined && other > one
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
