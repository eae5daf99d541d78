import type { z } from 'zod'
import { modelSchema } from '../../protocol/model.ts'
import { publishedReleaseSchema, releaseSchema, releaseSummarySchema } from '../../protocol/release.ts'
import { rolloutPreviewSchema } from '../../protocol/rollout-preview.ts'
import { movedTagSchema, tagSchema } from '../../protocol/tag.ts'

// Servers from before rollouts say nothing of them, nor do exports of such; the answer to a change must be understood all
// the same, since it has happened.
const OF_ROLLOUTS = { policy: true, rollout: true } as const

/** Servers from before rollouts and signatures do not say this of releases. */
const OF_NEWER = { quarantine: true, signature: true } as const

/** A model, as any server tells it. */
export const knownModelSchema = modelSchema.partial({ signatures: true, quota: true, bytes: true })

/** A tag, as any server tells it. */
export const knownTagSchema = tagSchema.partial(OF_ROLLOUTS)

/** A tag that was just moved, as any server tells it. */
export const knownMovedTagSchema = movedTagSchema.partial({ ...OF_ROLLOUTS, from: true })

/** A release in a list, as any server tells it. */
export const knownReleaseSummarySchema = releaseSummarySchema.partial(OF_NEWER)

/** A release, as any server tells it. */
export const knownReleaseSchema = releaseSchema.partial(OF_NEWER)

/** A release that was just published, as any server tells it. */
export const knownPublishedReleaseSchema = publishedReleaseSchema.partial(OF_NEWER)

/** What a promotion would come to, as any server tells it. */
export const knownRolloutPreviewSchema = rolloutPreviewSchema.partial({ outcome: true })

/** @see knownModelSchema */
export type KnownModel = z.infer<typeof knownModelSchema>

/** @see knownTagSchema */
export type KnownTag = z.infer<typeof knownTagSchema>

/** @see knownMovedTagSchema */
export type KnownMovedTag = z.infer<typeof knownMovedTagSchema>

/** @see knownReleaseSummarySchema */
export type KnownReleaseSummary = z.infer<typeof knownReleaseSummarySchema>

/** @see knownPublishedReleaseSchema */
export type KnownPublishedRelease = z.infer<typeof knownPublishedReleaseSchema>

/** @see knownReleaseSchema */
export type KnownRelease = z.infer<typeof knownReleaseSchema>

/** @see knownRolloutPreviewSchema */
export type KnownRolloutPreview = z.infer<typeof knownRolloutPreviewSchema>
