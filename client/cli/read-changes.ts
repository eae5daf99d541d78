import { open } from 'node:fs/promises'
import { z } from 'zod'
import { ArchiveRefused } from '../../archives/archive-refused.ts'
import type { Definitions } from '../../archives/definitions/definitions-in.ts'
import { readDefinitions } from '../../archives/definitions/read-definitions.ts'
import type { ArchiveDifferences } from '../../archives/differences/archive-differences.ts'
import {
  areDefinitionsChanged,
  changedDefinitions,
  type ChangedDefinitions,
  type ReadChanges,
} from '../../archives/differences/changed-definitions.ts'
import type { ApiClient } from '../api/api-client.ts'
import type { KnownRelease } from '../api/known-schemas.ts'
import { PullFailure } from '../failure.ts'
import { readChunks } from '../sources/read-chunks.ts'
import type { NamedArchive } from './archive-argument.ts'

const knownDiffSchema = z.object({
  lists: z.record(
    z.string(),
    z.looseObject({
      definitions: z.record(z.string(), z.object({ before: z.string(), after: z.string() })).optional(),
    }),
  ),
  definitionsUnread: z.string().optional(),
})

/**
 * Reads the old and the new text of what differs between two archives. Of two releases of a model the server tells them; else
 * both are read here, for which a release is downloaded.
 */
export async function readChanges(
  client: ApiClient,
  [from, to]: readonly [NamedArchive, NamedArchive],
  differences: ArchiveDifferences,
  signal: AbortSignal,
): Promise<ReadChanges> {
  if (!areDefinitionsChanged(differences)) return { definitions: {} }
  try {
    if (from.release !== undefined && from.release.model === to.release?.model)
      return await askForChanges(client, from.release, to.release)
    const before = await definitionsOf(client, from, signal)
    const after = await definitionsOf(client, to, signal)
    return {
      definitions: changedDefinitions(
        differences,
        { ...from, definitions: before },
        { ...to, definitions: after },
      ),
    }
  } catch (error) {
    signal.throwIfAborted()
    // What differs is known all the same.
    if (error instanceof PullFailure || error instanceof ArchiveRefused)
      return { definitionsUnread: error.message }
    throw error
  }
}

async function askForChanges(
  client: ApiClient,
  { model, number }: KnownRelease,
  other: KnownRelease,
): Promise<ReadChanges> {
  const path = `api/v1/models/${encodeURIComponent(model)}/releases/${number}/diff/${other.number}`
  const query = { definitions: 'true' }
  const { lists, definitionsUnread } = await client.call(
    { method: 'GET', path, query, isTransfer: true },
    knownDiffSchema,
  )
  if (definitionsUnread !== undefined) return { definitionsUnread }
  const definitions = Object.entries(lists).map(([list, { definitions }]) => [list, definitions ?? {}])
  return { definitions: Object.fromEntries(definitions) as ChangedDefinitions }
}

function definitionsOf(
  client: ApiClient,
  { name, release }: NamedArchive,
  signal: AbortSignal,
): Promise<Definitions> {
  if (release === undefined)
    return open(name, 'r').then((file) => readDefinitions(readChunks(file, 0, signal)))
  const path = `api/v1/models/${encodeURIComponent(release.model)}/releases/${release.number}/archive`
  return client.fetch({ method: 'GET', path, isTransfer: true }, ({ chunks }) => readDefinitions(chunks))
}
