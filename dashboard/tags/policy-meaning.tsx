import { canBeSaid, policyOf, type PolicyDraft } from './policy-draft.ts'
import { policySentences } from './policy-sentences.ts'

/** What has been typed of a policy, in sentences; nothing while it means nothing. */
export function PolicyMeaning({ draft }: { draft: PolicyDraft }) {
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
