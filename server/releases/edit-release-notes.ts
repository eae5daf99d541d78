import type { Release } from './release.ts'
import { changeModel, type ChangeDependencies } from './change-model.ts'
import { findReleaseOrRefuse } from './find-or-refuse.ts'

/**
 * Replaces the notes of a release, the one thing of it that can change.
 *
 * @throws DomainError `model-not-found`, `release-not-found`
 */
export async function editReleaseNotes(
  dependencies: ChangeDependencies,
  model: string,
  number: number,
  notes: string,
): Promise<Release> {
  return changeModel(dependencies, model, async (catalog) => {
    await findReleaseOrRefuse(catalog, model, number)
    await catalog.updateNotes(model, number, notes)
    return findReleaseOrRefuse(catalog, model, number)
  })
}
