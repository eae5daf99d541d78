import { z } from 'zod'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import {
  movedTagSchema,
  rollbackSchema,
  tagChangeSchema,
  tagHistorySchema,
  tagSchema,
} from '../../../protocol/tag.ts'
import { deleteTag } from '../../releases/delete-tag.ts'
import { findModelOrRefuse, findTagOrRefuse } from '../../releases/find-or-refuse.ts'
import { promoteRelease, type PromoteDependencies, type Promoted } from '../../releases/promote-release.ts'
import type { Tag } from '../../releases/tag.ts'
import { findRollbackTargetIfAny, rollBackTag } from '../../releases/roll-back-tag.ts'
import { endpoint, type Endpoint, type Reply } from './endpoint.ts'
import { replyWithPage } from './page.ts'
import { presentTag, presentTagMove, tagEntityTag, type TagRollouts } from './present.ts'
import { tagConditions } from './tag-conditions.ts'
import { tagPolicyEndpoints, type TagPolicyDependencies } from './tag-policy.ts'

const TAGS = '/api/v1/models/{model}/tags'
const TAG = `${TAGS}/{tag}`

export interface TagDependencies extends PromoteDependencies, TagPolicyDependencies {}

/** `/api/v1/models/{model}/tags` and below. */
export function tagEndpoints(dependencies: TagDependencies): Endpoint[] {
  return [
    listEndpoint(dependencies),
    readEndpoint(dependencies),
    promoteEndpoint(dependencies),
    deleteEndpoint(dependencies),
    historyEndpoint(dependencies),
    rollbackEndpoint(dependencies),
    ...tagPolicyEndpoints(dependencies),
  ]
}

function listEndpoint({ catalog, rollouts }: TagDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: TAGS,
    id: 'listTags',
    permission: 'read',
    summary: 'List the tags of a model',
    replies: {
      200: { description: 'All tags, the last moved first.', schema: pageSchema('TagPage', tagSchema) },
    },
    problems: ['invalid-name', 'model-not-found'],
    handle: async ({ params: { model } }) => {
      await findModelOrRefuse(catalog, model)
      const tags = (await catalog.listTags(model)).toSorted((a, b) => b.sequence - a.sequence)
      return { status: 200, body: { items: tags.map((tag) => presentTag(tag, rollouts)), next: null } }
    },
  })
}

function readEndpoint({ catalog, rollouts }: TagDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: TAG,
    id: 'readTag',
    permission: 'read',
    summary: 'Read a tag',
    conditions: ['If-None-Match'],
    replies: {
      200: { description: 'The tag.', schema: tagSchema, headers: ['ETag'] },
      304: { description: 'Not modified: the client has it already.', headers: ['ETag'] },
    },
    problems: ['invalid-name', 'model-not-found', 'tag-not-found'],
    handle: async ({ params: { model, tag } }) => {
      const found = await findTagOrRefuse(catalog, model, tag)
      return replyWithTag(found, rollouts)
    },
  })
}

function promoteEndpoint(dependencies: TagDependencies): Endpoint {
  return endpoint({
    method: 'PUT',
    path: TAG,
    id: 'promoteRelease',
    permission: 'promote',
    summary: 'Point a tag at a release',
    body: tagChangeSchema,
    conditions: ['If-Match', 'If-None-Match'],
    replies: {
      200: { description: 'The tag points there.', schema: movedTagSchema, headers: ['ETag'] },
      201: { description: 'The tag was created.', schema: movedTagSchema, headers: ['ETag', 'Location'] },
    },
    problems: [
      'invalid-name',
      'invalid-body',
      'media-type-unsupported',
      'model-not-found',
      'release-not-found',
      'tag-reserved',
      'tag-exists',
      'too-many-tags',
      'precondition-failed',
      'blob-missing',
      'blob-damaged',
      'policy-invalid',
      'release-quarantined',
    ],
    handle: async ({ params: { model, tag }, body, principal, request }) => {
      const requireExpected = tagConditions(request)
      const promotion = { model, tag, ...body, by: principal.name, requireExpected }
      return replyWithMove(await promoteRelease(dependencies, promotion), dependencies.rollouts)
    },
  })
}

function deleteEndpoint(dependencies: TagDependencies): Endpoint {
  return endpoint({
    method: 'DELETE',
    path: TAG,
    id: 'deleteTag',
    permission: 'promote',
    summary: 'Delete a tag',
    conditions: ['If-Match'],
    replies: { 204: { description: 'It is gone; its history stays.' } },
    problems: [
      'invalid-name',
      'model-not-found',
      'tag-not-found',
      'tag-reserved',
      'tag-is-default',
      'rollout-under-way',
      'precondition-failed',
    ],
    handle: async ({ params: { model, tag }, principal, request }) => {
      await deleteTag(dependencies, {
        model,
        tag,
        by: principal.name,
        requireExpected: tagConditions(request),
      })
      return { status: 204 }
    },
  })
}

function historyEndpoint({ catalog }: TagDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${TAG}/history`,
    id: 'readTagHistory',
    permission: 'read',
    summary: 'List the moves of a tag',
    query: pageQuerySchema,
    replies: {
      200: {
        description: 'One page of moves, the last first; kept when a tag is deleted.',
        schema: tagHistorySchema,
        headers: ['Link'],
      },
    },
    problems: ['invalid-name', 'invalid-parameter', 'model-not-found', 'tag-not-found'],
    handle: async ({ params: { model, tag }, query }) => {
      const reply = await replyWithPage(
        `/api/v1/models/${model}/tags/${tag}/history`,
        query,
        z.int(),
        (page) => catalog.tagHistory(model, tag, page),
        ({ sequence }) => sequence,
        presentTagMove,
      )
      if (reply.body.items.length === 0) await findTagOrRefuse(catalog, model, tag)
      const rollbackTo = await findRollbackTargetIfAny(catalog, { model, tag })
      return { ...reply, body: { ...reply.body, rollbackTo } }
    },
  })
}

function rollbackEndpoint(dependencies: TagDependencies): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${TAG}/rollback`,
    id: 'rollBackTag',
    permission: 'promote',
    summary: 'Take a tag back to where it was before, or to an earlier release',
    description:
      'Without `release` each call goes one further back: who may send it twice names the release. `If-Match` compares where the tag points, which does not change where a rollout is aborted before its last step.',
    body: rollbackSchema,
    bodyOptional: true,
    conditions: ['If-Match'],
    replies: { 200: { description: 'The tag points there.', schema: movedTagSchema, headers: ['ETag'] } },
    problems: [
      'invalid-name',
      'invalid-body',
      'media-type-unsupported',
      'model-not-found',
      'tag-not-found',
      'release-not-found',
      'nothing-to-roll-back',
      'precondition-failed',
      'blob-missing',
      'blob-damaged',
      'release-quarantined',
    ],
    handle: async ({ params: { model, tag }, body, principal, request }) => {
      const requireExpected = tagConditions(request)
      const rollback = { model, tag, ...body, by: principal.name, requireExpected }
      return replyWithMove(await rollBackTag(dependencies, rollback), dependencies.rollouts)
    },
  })
}

function replyWithTag(tag: Tag, rollouts: TagRollouts) {
  return { status: 200, body: presentTag(tag, rollouts), entityTag: tagEntityTag(tag, rollouts) }
}

function replyWithMove(
  { tag, from, outcome, warnings, aborted, replaced }: Promoted,
  rollouts: TagRollouts,
): Reply {
  const { body, ...rest } = replyWithTag(tag, rollouts)
  // The tag moves with the last step: until then it points where it did, and the log must say what was promoted.
  const begun = outcome === 'begun' ? body.rollout : null
  const facts = {
    outcome,
    model: tag.model,
    tag: tag.tag,
    from: from ?? 'none',
    release: begun?.to ?? tag.release,
    rollout: begun?.id,
    warning: warnings[0]?.message,
  }
  const reply = {
    ...rest,
    body: { ...body, from, ...(warnings.length === 0 ? {} : { warnings }), aborted, replaced },
    facts,
  }
  if (outcome !== 'created') return reply
  return { ...reply, status: 201, headers: { Location: `/api/v1/models/${tag.model}/tags/${tag.tag}` } }
}
