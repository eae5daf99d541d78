import { createHash } from 'node:crypto'
import { BUNDLE_MEDIA_TYPE } from '../../../protocol/signature.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { DomainError } from '../../errors/errors.ts'
import { findReleaseOrRefuse } from '../../releases/find-or-refuse.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** `/api/v1/models/{model}/releases/{number}/bundle`. */
export function bundleEndpoint({ catalog }: { catalog: CatalogReader }): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/models/{model}/releases/{number}/bundle',
    id: 'readBundle',
    // Whoever may have an archive of the model by any tag may know who signed it: pullers look before they install.
    permission: 'pull',
    target: 'handler',
    summary: 'Read the signature of a release',
    description:
      'The Sigstore bundle that the archive was published with: a model signature of OpenSSF model-signing, or SLSA provenance.',
    conditions: ['If-None-Match'],
    replies: {
      200: { description: 'The bundle, as it came.', mediaType: BUNDLE_MEDIA_TYPE, headers: ['ETag'] },
      304: { description: 'The client has it already.', headers: ['ETag'] },
    },
    problems: [
      'invalid-name',
      'invalid-parameter',
      'model-not-found',
      'release-not-found',
      'bundle-not-found',
    ],
    handle: async ({ params: { model, number } }) => {
      await findReleaseOrRefuse(catalog, model, number)
      const bundle = await catalog.findBundle(model, number)
      if (bundle === undefined) {
        throw new DomainError(
          'bundle-not-found',
          `Release ${number} of "${model}" was published without a signature.`,
          {
            model,
            release: number,
          },
        )
      }
      const entityTag = `"${createHash('sha256').update(bundle).digest('hex')}"`
      return { status: 200, text: { content: bundle, mediaType: BUNDLE_MEDIA_TYPE }, entityTag }
    },
  })
}
