import type { CatalogReader } from '../catalog/catalog.ts'

/**
 * Reads what is kept of several models with as many questions to the database as of one.
 *
 * @returns `reader`, but what {@link SharedState.refresh} asks it of one of these models is answered by what was read until now. Of their
 *   fleets all is listed, whatever number it is to be behind.
 * @throws what the catalog throws.
 */
export async function readTogether(reader: CatalogReader, models: readonly string[]): Promise<CatalogReader> {
  const current = Map.groupBy(await reader.readCurrent(models), ({ model }) => model)
  const fleets = await reader.listFleets(models)
  // After the numbers of changes: what is newer than these is read again, what is older would be missed.
  const rollouts = Map.groupBy(await reader.listRolloutsUnderWay(models), ({ model }) => model)
  const nothing = { revision: 0, processes: [], bots: [], forgotten: [] }
  return {
    ...reader,
    readCurrent: (only) =>
      Promise.resolve([only ?? models].flat().flatMap((model) => current.get(model) ?? [])),
    listFleetChanges: (model) => Promise.resolve(fleets.get(model) ?? nothing),
    listRolloutsUnderWay: (only) =>
      Promise.resolve([only ?? models].flat().flatMap((model) => rollouts.get(model) ?? [])),
  }
}
