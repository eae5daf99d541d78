import { z } from 'zod'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import { releaseChangeSchema, releaseSchema, releaseSummarySchema } from '../../../protocol/release.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Clock } from '../../time/clock.ts'
import type { KnownDamage } from '../../coordination/known-damage.ts'
import type { ChangeDependencies } from '../../releases/change-model.ts'
import type { Release } from '../../releases/release.ts'
import { deleteRelease } from '../../releases/delete-release.ts'
import { editReleaseNotes } from '../../releases/edit-release-notes.ts'
import { findModelOrRefuse, findReleaseOrRefuse } from '../../releases/find-or-refuse.ts'
import type { TagMover } from '../../releases/tag-mover.ts'
import { answerPull, type AnswerDependencies } from '../pull/answer-pull.ts'
import { decidePull } from '../pull/decide-pull.ts'
import { Poll } from '../pull/poll.ts'
import { ANSWERED, endpoint, type Endpoint } from './endpoint.ts'
import { replyWithPage } from './page.ts'
import { presentRelease, presentReleaseSummary } from './present.ts'

/** A release's archive never changes: whoever has it need not ask again for a year (RFC 8246). */
const IMMUTABLE = 'private, max-age=31536000, immutable'

const RELEASE = '/api/v1/models/{model}/releases/{number}'

export interface ReleaseDependencies extends ChangeDependencies, AnswerDependencies {
  clock: Clock
  damaged: KnownDamage
  /** For what frees room. */
  urgentCatalog: Catalog
  tagMover: TagMover
}

/** `/api/v1/models/{model}/releases` and below. */
export function releaseEndpoints(dependencies: ReleaseDependencies): Endpoint[] {
  return [
    listEndpoint(dependencies),
    readEndpoint(dependencies),
    editEndpoint(dependencies),
    deleteEndpoint(dependencies),
    downloadEndpoint(dependencies),
  ]
}

function listEndpoint({ catalog, damaged }: ReleaseDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/models/{model}/releases',
    id: 'listReleases',
    permission: 'read',
    summary: 'List the releases of a model',
    query: pageQuerySchema,
    replies: {
      200: {
        description: 'One page of releases, the highest number first.',
        schema: pageSchema('ReleasePage', releaseSummarySchema),
        headers: ['Link'],
      },
    },
    problems: ['invalid-name', 'invalid-parameter', 'model-not-found'],
    handle: async ({ params: { model }, query }) => {
      await findModelOrRefuse(catalog, model)
      const quarantined = new Map(
        (await catalog.listQuarantine(model)).map(({ digest, ...quarantine }) => [digest, quarantine]),
      )
      return replyWithPage(
        `/api/v1/models/${model}/releases`,
        query,
        z.int(),
        (page) => catalog.listReleases(model, page),
        ({ number }) => number,
        (release) => presentReleaseSummary(release, { damaged, quarantine: quarantined.get(release.digest) }),
      )
    },
  })
}

function readEndpoint(dependencies: ReleaseDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: RELEASE,
    id: 'readRelease',
    permission: 'read',
    summary: 'Read a release',
    replies: { 200: { description: 'The release.', schema: releaseSchema } },
    problems: ['invalid-name', 'invalid-parameter', 'model-not-found', 'release-not-found'],
    handle: async ({ params: { model, number } }) => ({
      status: 200,
      body: await present(dependencies, await findReleaseOrRefuse(dependencies.catalog, model, number)),
    }),
  })
}

function editEndpoint(dependencies: ReleaseDependencies): Endpoint {
  return endpoint({
    method: 'PATCH',
    path: RELEASE,
    id: 'editRelease',
    permission: 'manage',
    summary: 'Edit the notes of a release',
    body: releaseChangeSchema,
    replies: { 200: { description: 'The release as it is now.', schema: releaseSchema } },
    problems: [
      'invalid-name',
      'invalid-parameter',
      'invalid-body',
      'media-type-unsupported',
      'model-not-found',
      'release-not-found',
    ],
    handle: async ({ params: { model, number }, body }) => ({
      status: 200,
      body: await present(dependencies, await editReleaseNotes(dependencies, model, number, body.notes)),
    }),
  })
}

function deleteEndpoint(dependencies: ReleaseDependencies): Endpoint {
  return endpoint({
    method: 'DELETE',
    path: RELEASE,
    id: 'deleteRelease',
    permission: 'manage',
    summary: 'Delete a release that no tag points at',
    replies: { 204: { description: 'It is gone; its number is never given again.' } },
    problems: ['invalid-name', 'invalid-parameter', 'model-not-found', 'release-not-found', 'release-in-use'],
    handle: async ({ params: { model, number } }) => {
      await deleteRelease({ ...dependencies, catalog: dependencies.urgentCatalog }, model, number)
      return { status: 204 }
    },
  })
}

function downloadEndpoint(dependencies: ReleaseDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${RELEASE}/archive`,
    id: 'downloadArchive',
    permission: 'manage',
    summary: 'Download the archive of a release',
    conditions: ['If-Match', 'If-None-Match', 'Range', 'If-Range'],
    replies: {
      200: { description: 'The archive.', mediaType: 'application/gzip', headers: ['ETag'] },
      206: { description: 'The part asked for.', mediaType: 'application/gzip', headers: ['ETag'] },
      304: { description: 'Not modified: the client has it already.', headers: ['ETag'] },
    },
    problems: [
      'invalid-name',
      'invalid-parameter',
      'model-not-found',
      'release-not-found',
      'precondition-failed',
      'range-not-satisfiable',
      'blob-missing',
      'blob-damaged',
      'storage-unavailable',
      'overloaded',
    ],
    handle: async ({ params: { model, number }, principal, request, response }) => {
      const release = await findReleaseOrRefuse(dependencies.catalog, model, number)
      const poll = new Poll(request, false, principal)
      const decision = decidePull({ kind: 'serve', release }, poll)
      await answerPull(request, response, dependencies, decision, poll, IMMUTABLE)
      return ANSWERED
    },
  })
}

async function present({ catalog, damaged }: ReleaseDependencies, release: Release) {
  const quarantine = await catalog.findQuarantine(release.model, release.digest)
  return presentRelease(release, { damaged, quarantine })
}
