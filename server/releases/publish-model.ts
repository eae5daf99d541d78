import type { Catalog, CatalogReader, CatalogWriter, SharedWriter } from '../catalog/catalog.ts'
import type { NewEvent } from '../catalog/events.ts'
import type { SignedWith } from '../catalog/releases.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { DomainError } from '../errors/errors.ts'
import type { BlobLock } from '../coordination/blob-lock.ts'
import { checkSignature, type SignatureDependencies } from './check-signature.ts'
import type { Digest, Release } from './release.ts'
import type { Model } from './model.ts'
import { LATEST } from './tag.ts'
import type { TagWarning } from './tag-warning.ts'
import { moveToPublished } from './move-to-published.ts'
import { requireQuota } from './quota.ts'
import { findReleaseOrRefuse, refuseReservedTag } from './find-or-refuse.ts'
import { requireFewTags } from './tag-limits.ts'
import type { TagChange, TagMover } from './tag-mover.ts'
import {
  archiveTooLarge,
  receiveArchive,
  type ReceiveDependencies,
  type ReceivedArchive,
} from './receive-archive.ts'

export interface PublishDependencies extends ReceiveDependencies, SignatureDependencies {
  catalog: Catalog
  clock: Clock
  tagMover: TagMover
  /** Held per digest from the blob's commit to the release's: a blob that is about to be used is not pruned. */
  blobLock: BlobLock
}

/** What shall become of an archive. */
export interface PublishTerms {
  model: string
  publishedBy: string
  /** A safe base name; without one it is made of model and digest. */
  filename?: string | undefined
  notes?: string
  /** Tags to bring the release out on, begun in the same transaction. */
  tags?: readonly string[]
  /** Has tags move also to bytes that were taken back before. */
  force?: boolean
  /** Says whether the release that `latest` points at is the one that the publisher builds on. */
  expectsLatest?: ((latest: Digest | undefined) => boolean) | undefined
  /** A Sigstore bundle that says whose archive it is. */
  bundle?: Uint8Array | undefined
  /** When bytes that are known already are left alone instead of published again. */
  knownDigests?: 'publish' | 'skip-if-ever' | 'skip-if-latest'
  /** Asked in the transaction that would publish: whether somebody else has done so since, so that nothing is to be done. */
  isDone?: (catalog: CatalogReader, digest: Digest) => Promise<boolean>
  /** Writes down what became of the bytes, in the transaction that decides it. */
  recordOutcome?: (catalog: SharedWriter, outcome: 'published' | 'known', digest: Digest) => Promise<void>
}

/**
 * - `published`: a new release.
 * - `replayed`: the model's highest release has these bytes already; `latest` and the tags asked for were moved there.
 * - `skipped`: the terms said to leave known bytes alone.
 */
export type PublishOutcome =
  | {
      kind: 'published' | 'replayed'
      digest: Digest
      release: Release
      /** What the publisher should look at of the tags that moved. */
      warnings: TagWarning[]
    }
  | { kind: 'skipped'; digest: Digest }

/**
 * Publishes bytes as they come: {@link receiveArchive}, then {@link publishReceived}.
 *
 * @param terms With the bytes that it is said to have: room is set aside before the first comes.
 */
export async function publishModel(
  dependencies: PublishDependencies,
  body: AsyncIterable<Uint8Array>,
  terms: PublishTerms & { expectedDigest?: Digest; expectedSize?: number },
): Promise<PublishOutcome> {
  const { expectedDigest: digest, expectedSize = 0 } = terms
  const { maxArchiveBytes, space } = dependencies
  if (expectedSize > maxArchiveBytes) throw archiveTooLarge(maxArchiveBytes)
  const reservation = await space.reserve(expectedSize)
  const received = await receiveArchive(dependencies, body, { digest, reservation })
  return publishReceived(dependencies, received, terms)
}

/**
 * Makes a received archive a release: the blob first, then release, `latest` and tags in one transaction. A crash
 * between the two leaves a blob that nothing names, never a name without a blob.
 *
 * @throws DomainError `precondition-failed`, `tag-reserved`, `too-many-tags`, `signature-required`, `signature-refused`, `quota-exceeded`, and what
 *   blob store and catalog throw. Nothing is published then.
 */
export async function publishReceived(
  dependencies: PublishDependencies,
  received: ReceivedArchive,
  terms: PublishTerms,
): Promise<PublishOutcome> {
  const { digest, staged } = received
  try {
    for (const tag of terms.tags ?? []) refuseReservedTag(tag)
    requireFewTags(terms.tags ?? [])
    return await dependencies.blobLock.run(digest, async (claim) => {
      if (await isUnwanted(dependencies.catalog, digest, terms))
        return skip(dependencies.catalog, digest, terms)
      // Asked again in the transaction; now, so that nothing that is refused is ever stored.
      const known = await dependencies.catalog.findModel(terms.model)
      await signatureOf(dependencies, known, received, terms)
      await refuseBeyondQuota(dependencies.catalog, known, received)
      await staged.commit(claim ?? {})
      const write = async (change: TagChange): Promise<PublishOutcome> => {
        if (claim !== undefined && !(await change.catalog.holdBlob(digest, claim.generation)))
          throw claimLost()
        if (await terms.isDone?.(change.catalog, digest)) return { kind: 'skipped', digest }
        return record(dependencies, change, received, terms)
      }
      return dependencies.tagMover.changeTags(terms.model, write, dependencies.catalog)
    })
  } finally {
    await staged.discard()
  }
}

async function refuseBeyondQuota(
  catalog: CatalogReader,
  known: Model | undefined,
  { digest, staged }: ReceivedArchive,
): Promise<void> {
  if (known === undefined || known.quota === null) return
  if ((await catalog.highestRelease(known.model))?.digest === digest) return
  await requireQuota(catalog, known, { digest, size: staged.size })
}

async function record(
  dependencies: PublishDependencies,
  change: TagChange,
  received: ReceivedArchive,
  terms: PublishTerms,
): Promise<PublishOutcome> {
  const { catalog } = change
  const { digest, staged } = received
  const { model, publishedBy } = terms
  const now = instantOf(dependencies.clock)
  const known = await catalog.ensureModel(model, now)
  const signed = await signatureOf(dependencies, known, received, terms)
  const highest = await catalog.highestRelease(model)
  const replayed = highest?.digest === digest
  const latest = await catalog.findTag(model, LATEST)
  // Whoever repeats a publish that was done hears so, whatever its If-Match said.
  if (!replayed || latest?.release !== highest.number) requireExpectedLatest(terms, latest?.digest)
  if (!replayed) await requireQuota(catalog, known, { digest, size: staged.size })
  const release = replayed
    ? await signAgain(catalog, await findReleaseOrRefuse(catalog, model, highest.number), signed)
    : await catalog.insertRelease(
        {
          model,
          digest,
          size: staged.size,
          filename: terms.filename ?? `${model}-${digest.slice(0, 12)}.tar.gz`,
          publishedAt: now,
          publishedBy,
          notes: terms.notes ?? '',
          archive: received.facts,
          signature: signed?.signature ?? null,
        },
        signed?.bundle,
      )
  if (!replayed) await catalog.addEvents([publishedEvent(release, dependencies.clock.now())])
  const warnings: TagWarning[] = []
  // A replay moves `latest` too: it may have been rolled back since.
  for (const tag of new Set([LATEST, ...(terms.tags ?? [])])) {
    warnings.push(...(await moveToPublished(change, tag, release, terms)))
  }
  await terms.recordOutcome?.(catalog, 'published', digest)
  return { kind: replayed ? 'replayed' : 'published', digest, release, warnings }
}

function signatureOf(
  dependencies: SignatureDependencies,
  known: Model | undefined,
  { digest, facts }: ReceivedArchive,
  { model, bundle }: PublishTerms,
): Promise<SignedWith | null> {
  const isExecutable = facts.executables !== undefined
  return checkSignature(dependencies, {
    model,
    digest,
    bundle,
    isExecutable,
    policy: known?.signatures ?? null,
  })
}

/** Whoever publishes the same bytes again may bring a signature that was missing; a verified one is replaced by such only. */
async function signAgain(
  catalog: CatalogWriter,
  release: Release,
  signed: SignedWith | null,
): Promise<Release> {
  if (signed === null || (release.signature?.verified === true && !signed.signature.verified)) return release
  await catalog.replaceSignature(release.model, release.number, signed)
  return { ...release, signature: signed.signature }
}

function publishedEvent(release: Release, at: number): NewEvent {
  const { model, number, digest, size, filename, publishedBy } = release
  const body = { release: number, digest, size, filename, publishedBy }
  return { at, kind: 'release.published', model, tag: null, bot: null, process: null, body }
}

/** Somebody deletes what was stored: this server slept for so long that its claim ended. */
function claimLost(): DomainError {
  return new DomainError(
    'catalog-busy',
    'This server did not go on for so long that others took the archive for unused. Nothing was published; send it again.',
  )
}

async function skip(catalog: Catalog, digest: Digest, terms: PublishTerms): Promise<PublishOutcome> {
  await catalog.writeShared(async (writer) => terms.recordOutcome?.(writer, 'known', digest))
  return { kind: 'skipped', digest }
}

async function isUnwanted(catalog: CatalogReader, digest: Digest, terms: PublishTerms): Promise<boolean> {
  if (terms.knownDigests === 'skip-if-ever') return catalog.everHadDigest(terms.model, digest)
  if (terms.knownDigests === 'skip-if-latest') return (await latestDigest(catalog, terms.model)) === digest
  return false
}

function requireExpectedLatest({ model, expectsLatest }: PublishTerms, latest: Digest | undefined): void {
  if (expectsLatest === undefined || expectsLatest(latest)) return
  throw new DomainError(
    'precondition-failed',
    `If-Match does not name what ${model}@latest is now; look at what was published meanwhile, then publish again.`,
    { latest: latest ?? null },
  )
}

async function latestDigest(catalog: CatalogReader, model: string): Promise<Digest | undefined> {
  return (await catalog.findTag(model, LATEST))?.digest
}
