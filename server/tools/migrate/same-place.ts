import { realpath } from 'node:fs/promises'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { describeDatabase } from '../../catalog/postgres/postgres-settings.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { CatalogPlace } from './catalog-place.ts'

/** Nothing is moved from a place to itself, and saying that it was would be taken for a move. @throws ToolFailure (2) */
export async function refuseSameCatalog(from: CatalogPlace, to: CatalogPlace): Promise<void> {
  const [source, target] = [await nameOf(from), await nameOf(to)]
  if (source === target) throw samePlace('folder' in from ? from.folder : describeDatabase(from.database))
}

/** As {@link refuseSameCatalog}, of archives. */
export function refuseSameArchives(from: ObjectStore, to: ObjectStore): void {
  if (from.description === to.description) throw samePlace(from.description)
}

/** A folder without the links that lead there; as it is where it is not there yet. */
export async function realPath(folder: string): Promise<string> {
  return await realpath(folder).catch(() => folder)
}

/** Whoever the user is, it is the same database. */
async function nameOf(place: CatalogPlace): Promise<string> {
  if ('folder' in place) return await realPath(place.folder)
  const { database } = place
  return `${describeDatabase({ ...database, user: '' })} ${database.options ?? ''}`
}

function samePlace(description: string): ToolFailure {
  return new ToolFailure(2, `${description} is both what is moved and what is to be filled: name two places.`)
}
