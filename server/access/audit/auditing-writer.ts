import type { LeaseWriter } from '../../catalog/leases.ts'
import type { CatalogReader, CatalogWriter } from '../../catalog/catalog.ts'
import { accessChanges } from './access-changes.ts'
import type { IssuedTokens } from './issued-tokens.ts'
import type { NoteChange } from './audited-change.ts'
import { modelChanges } from './model-changes.ts'
import { releaseChanges } from './release-changes.ts'
import type { RolloutStates } from './rollout-states.ts'
import { rolloutChanges } from './rollout-changes.ts'
import { tagChanges } from './tag-changes.ts'

/**
 * What nobody asks about afterwards: what bots cause by polling, what the server keeps for itself, and what restoring a
 * backup does to a catalog that no server has open. A new change of the port is one of these, or is taken down: else this does
 * not compile.
 */
type Unaudited =
  | ('ensureModel' | 'restoreRelease' | 'raiseNextNumber' | 'skipNumbers' | 'takeIdentity')
  | ('addEvents' | 'forgetEvents' | 'forgetEndedRollouts' | 'saveTaskProgress')
  | ('beginExport' | 'rememberExport' | 'rememberIntakeRecord')
  | ('rememberDamagedBlob' | 'forgetDamagedBlob' | 'noteUnusedBlobs' | 'forgetUnusedBlobs')
  | ('claimBlob' | 'claimUnusedBlobs' | 'holdBlob' | 'retireBlob' | 'forgetRetiredBlob')
  | (
      | 'saveProcesses'
      | 'noteLastSeen'
      | 'saveBots'
      | 'forgetProcesses'
      | 'forgetSilentProcesses'
      | 'raiseFleetRevision'
      | keyof LeaseWriter
    )
  | ('holdTokens' | 'noteTokensUsed' | 'forgetIssuedTokens')
  | ('noteAttempt' | 'queueAgain' | 'hastenDeliveries' | 'dropEmptyQueue')
  | ('holdAuditHead' | 'appendAudit' | 'dropAudit')

type Audited = Pick<CatalogWriter, Exclude<keyof CatalogWriter, keyof CatalogReader | Unaudited>>

/**
 * A writer that takes down each change that somebody may ask about later, with what was before and after. It stands at the
 * port, so that no way to make a change is forgotten.
 */
export function auditingWriter(
  writer: CatalogWriter,
  rollouts: RolloutStates,
  issued: IssuedTokens,
  note: NoteChange,
): CatalogWriter {
  const audited: Audited = {
    ...modelChanges(writer, note),
    ...releaseChanges(writer, note),
    ...tagChanges(writer, note),
    ...rolloutChanges(writer, rollouts, note),
    ...accessChanges(writer, issued, note),
  }
  return { ...writer, ...audited }
}
