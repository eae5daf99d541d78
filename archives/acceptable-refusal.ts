import type { ArchiveRefusalCode } from './archive-refused.ts'

/** The refusals that a publisher who knows better may override (`?accept=`). */
export const ACCEPTABLE_REFUSALS = ['archive-incomplete'] as const satisfies readonly ArchiveRefusalCode[]

export type AcceptableRefusal = (typeof ACCEPTABLE_REFUSALS)[number]

/** What the publisher overrides; empty unless something is said. */
export type AcceptedRefusals = ReadonlySet<AcceptableRefusal>
