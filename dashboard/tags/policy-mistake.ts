import { ApiProblem } from '../api/api.ts'
import { POLICY_FIELDS } from './policy-fields.ts'

/** What is wrong with a policy, and with which field of it; null: with none in particular. */
export interface PolicyMistake {
  readonly field: string | null
  readonly message: string
}

/** Reads a refusal of the server, or of the form itself: that one knows of probes alone. */
export function policyMistakeIn(error: unknown): PolicyMistake {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ApiProblem)) return { field: 'probes', message }
  const [name] = (error.field ?? '').split('.')
  const isField = POLICY_FIELDS.some((field) => field.name === name)
  return { field: isField ? (name ?? null) : null, message }
}
