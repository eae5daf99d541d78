import { ANSWER_FINDINGS } from './findings/answer-findings.ts'
import { ARCHIVE_FINDINGS } from './findings/archive-findings.ts'
import { CONNECTION_FINDINGS } from './findings/connection-findings.ts'
import type { FindingKind } from './findings/finding-kind.ts'
import { PUBLISH_FINDINGS } from './findings/publish-findings.ts'
import { RELEASE_FINDINGS } from './findings/release-findings.ts'
import { STORE_FINDINGS } from './findings/store-findings.ts'
import { TRANSFER_FINDINGS } from './findings/transfer-findings.ts'

/** Everything that `slipway doctor` can find, by its stable code, in the order of the checks. */
export const FINDINGS = {
  ...CONNECTION_FINDINGS,
  ...ANSWER_FINDINGS,
  ...ARCHIVE_FINDINGS,
  ...RELEASE_FINDINGS,
  ...TRANSFER_FINDINGS,
  ...PUBLISH_FINDINGS,
  ...STORE_FINDINGS,
} as const satisfies Record<string, FindingKind>

/** A stable code of {@link FINDINGS}. */
export type FindingCode = keyof typeof FINDINGS

/** What a code stands for. */
export function findingKind(code: FindingCode): FindingKind {
  return FINDINGS[code]
}
