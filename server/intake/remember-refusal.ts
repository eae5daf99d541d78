import type { Catalog } from '../catalog/catalog.ts'
import type { IntakeLook } from './intake-record.ts'

/**
 * Remembers that a file or an object is no sound archive, so that nobody hears of it again until it changes, or the rules do.
 *
 * @param code Why it was refused.
 * @param refusedBy @see refusalRules
 * @throws DomainError as {@link Catalog.writeShared} does.
 */
export async function rememberRefusal(
  { catalog }: { catalog: Catalog },
  look: IntakeLook,
  code: string,
  refusedBy: string,
): Promise<void> {
  await catalog.writeShared((writer) =>
    writer.rememberIntakeRecord({ ...look, digest: null, outcome: 'refused', code, refusedBy }),
  )
}
