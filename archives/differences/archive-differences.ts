import type { ArchiveFacts, ArchiveWarning, NameList } from '../archive-facts.ts'

/** An archive, as far as it is compared. */
export interface ComparedArchive {
  /** SHA-256 in hex. */
  digest: string
  /** Bytes. */
  size: number
  facts: ArchiveFacts
}

/** What differs between two archives. */
export interface ArchiveDifferences {
  /** Whether both are the same bytes: nothing differs then. */
  isSame: boolean
  /** Of the single values, those that differ. */
  values: Partial<Record<ComparedValue, ValueDifference>>
  lists: Record<NameList, ListDifference>
  /** What is odd, slow or will not load with one of them alone. */
  warnings: { added: ArchiveWarning[]; removed: ArchiveWarning[] }
}

/** The single values that are compared, in the order in which people look for them. */
export const COMPARED_VALUES = [
  ...(['rasaVersion', 'language', 'format', 'trainingType', 'assistantId'] as const),
  ...(['size', 'unpackedSize', 'members'] as const),
] as const

/** One of {@link COMPARED_VALUES}. */
export type ComparedValue = (typeof COMPARED_VALUES)[number]

/** A value in both archives; null where one does not have it. */
export interface ValueDifference {
  from: string | number | null
  to: string | number | null
}

/** What differs between a list of one archive and that of the other. */
export interface ListDifference {
  /**
   * `whole`: all names were compared. `part`: only the first names were, since a list was too long to keep. `none`: one of
   * the archives does not say what it has.
   */
  compared: 'whole' | 'part' | 'none'
  /** How many names each has; null where it does not say. */
  from: number | null
  to: number | null
  /** Names that only one of them has. A component that a list has several times is `Name (2)` from the second on. */
  added: string[]
  removed: string[]
  /** Names in both whose definitions differ; null where one of the archives was inspected before definitions were kept. */
  changed: string[] | null
  /** Whether what is in both has another order; always false for lists that have none. */
  isReordered: boolean
}
