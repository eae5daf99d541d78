import type { AcceptedRefusals } from './acceptable-refusal.ts'
import type { ArchiveFacts } from './archive-facts.ts'
import type { ArchiveLimits } from './archive-limits.ts'
import { ArchiveRefused } from './archive-refused.ts'
import { judgeCompleteness } from './components/completeness.ts'
import { NEITHER_CORE_NOR_NLU, rasa2TrainingType } from './components/rasa-2-folders.ts'
import { trainingWarnings } from './components/training-warnings.ts'
import type { MemberCollector } from './member-collector.ts'
import type { MetadataOutline } from './metadata/metadata-outline.ts'
import { readOutline } from './metadata/read-outline.ts'
import { shownName } from './shown-name.ts'
import type { MemberTree } from './tar/member-tree.ts'

/** Where an archive was read to, and on what terms it is judged. */
interface ReadArchive {
  /** The contents of the files that describe it. */
  collector: MemberCollector
  /** All of its files and folders. */
  tree: MemberTree
  limits: ArchiveLimits
  accept: AcceptedRefusals
  signal: AbortSignal
}

/**
 * What an archive says of itself, compared with what is in it.
 *
 * @throws ArchiveRefused where it is no model, or one that no bot can use; or the signal's reason
 */
export async function describeArchive({
  collector,
  tree,
  limits,
  accept,
  signal,
}: ReadArchive): Promise<Omit<ArchiveFacts, 'unpackedSize' | 'members'>> {
  const outline = await readOutline(collector.contents, limits.metadataDepth, signal)
  if (!outline) throw notAModel(collector.wrapped)
  const complete = outline.facts.format === 2 ? withRasa2Folders(outline, tree) : outline
  const judgement = judgeCompleteness(complete, tree, accept)
  return {
    ...complete.facts,
    ...judgement,
    warnings: [...trainingWarnings(complete.facts.trainingType), ...judgement.warnings],
  }
}

function withRasa2Folders({ facts, ...outline }: MetadataOutline, tree: MemberTree): MetadataOutline {
  const trainingType = rasa2TrainingType(tree)
  return trainingType === undefined
    ? { ...outline, facts, gaps: [...outline.gaps, NEITHER_CORE_NOR_NLU] }
    : { ...outline, facts: { ...facts, trainingType } }
}

function notAModel(wrapped: string | undefined): ArchiveRefused {
  const what =
    wrapped === undefined
      ? 'has neither metadata.json (Rasa 3) nor fingerprint.json (Rasa 1 and 2) at its top'
      : `has everything in a folder "${shownName(wrapped)}", where Rasa does not look: pack the contents of that folder, not the folder`
  return new ArchiveRefused(
    'archive-not-a-model',
    `the archive ${what}; expected is a .tar.gz as rasa train writes it`,
  )
}
