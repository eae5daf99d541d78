import { compareArchives } from '../../../archives/differences/compare-archives.ts'
import type { ComparedArchive } from '../../../archives/differences/archive-differences.ts'
import { releaseDiffSchema, type ReleaseDiff } from '../../../protocol/release-diff.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { findReleaseOrRefuse } from '../../releases/find-or-refuse.ts'
import type { Release } from '../../releases/release.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** `/api/v1/models/{model}/releases/{number}/diff/{other}`. */
export function releaseDiffEndpoint({ catalog }: { catalog: CatalogReader }): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/models/{model}/releases/{number}/diff/{other}',
    id: 'compareReleases',
    permission: 'read',
    summary: 'Compare two releases',
    description:
      'What the second release has that the first has not, and the other way round. Names and definitions are compared as inspection kept them when the archives were published; the archives are not read again.',
    replies: { 200: { description: 'What differs.', schema: releaseDiffSchema } },
    problems: ['invalid-name', 'invalid-parameter', 'model-not-found', 'release-not-found'],
    handle: async ({ params: { model, number, other } }) => {
      const from = await findReleaseOrRefuse(catalog, model, number)
      const to = await findReleaseOrRefuse(catalog, model, other)
      const body: ReleaseDiff = {
        ...{ model, from: number, to: other },
        ...compareArchives(comparedArchive(from), comparedArchive(to)),
      }
      return { status: 200, body }
    },
  })
}

function comparedArchive({ digest, size, archive }: Release): ComparedArchive {
  return { digest, size, facts: archive }
}
