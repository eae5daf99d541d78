import { NAME_LISTS } from '../../../archives/archive-facts.ts'
import type { ReadChanges } from '../../../archives/differences/changed-definitions.ts'
import { compareArchives } from '../../../archives/differences/compare-archives.ts'
import type {
  ArchiveDifferences,
  ComparedArchive,
} from '../../../archives/differences/archive-differences.ts'
import {
  releaseDiffQuerySchema,
  releaseDiffSchema,
  type ReleaseDiff,
} from '../../../protocol/release-diff.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { findReleaseOrRefuse } from '../../releases/find-or-refuse.ts'
import type { Release } from '../../releases/release.ts'
import { untilClosed } from '../reply/until-closed.ts'
import { DefinitionReader } from './definition-reader.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** `/api/v1/models/{model}/releases/{number}/diff/{other}`. */
export function releaseDiffEndpoint({
  catalog,
  blobs,
}: {
  catalog: CatalogReader
  blobs: Pick<BlobStore, 'open'>
}): Endpoint {
  const reader = new DefinitionReader(blobs)
  return endpoint({
    method: 'GET',
    path: '/api/v1/models/{model}/releases/{number}/diff/{other}',
    id: 'compareReleases',
    permission: 'read',
    summary: 'Compare two releases',
    description:
      'What the second release has that the first has not, and the other way round. Names and definitions are compared as inspection kept them when the archives were published; the archives are read again only for `definitions=true`.',
    query: releaseDiffQuerySchema,
    replies: { 200: { description: 'What differs.', schema: releaseDiffSchema } },
    problems: ['invalid-name', 'invalid-parameter', 'model-not-found', 'release-not-found'],
    handle: async ({ params: { model, number, other }, query, response }) => {
      const from = await findReleaseOrRefuse(catalog, model, number)
      const to = await findReleaseOrRefuse(catalog, model, other)
      const differences = compareArchives(comparedArchive(from), comparedArchive(to))
      const body: ReleaseDiff = { model, from: number, to: other, ...differences }
      if (query.definitions === 'false') return { status: 200, body }
      const changes = await reader.changes(from, to, differences, untilClosed(response))
      return { status: 200, body: { ...body, ...withChanges(differences, changes) } }
    },
  })
}

function comparedArchive({ digest, size, archive }: Release): ComparedArchive {
  return { digest, size, facts: archive }
}

function withChanges({ lists }: ArchiveDifferences, changes: ReadChanges): Partial<ReleaseDiff> {
  if ('definitionsUnread' in changes) return changes
  const { definitions } = changes
  return {
    lists: Object.fromEntries(
      NAME_LISTS.map((list) => [list, { ...lists[list], definitions: definitions[list] ?? {} }]),
    ) as ReleaseDiff['lists'],
  }
}
