import { createHash } from 'node:crypto'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { Release } from '../../server/releases/release.ts'
import { beginRollout } from '../../server/rollouts/begin-rollout.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { NEW, OLD, START } from '../fleet/facts.ts'

export const CREATED = '2026-01-01T00:00:00.000Z'

export const MOVED = { movedAt: '2026-01-02T03:04:05.678Z', movedBy: 'anonymous', reason: null }

/** The digest that {@link aRelease} of this seed has. */
export function digestOf(seed: string): string {
  return createHash('sha256').update(seed).digest('hex')
}

/** A release to be put in; the same seed gives the same. */
export function aRelease(model: string, seed: string): Omit<Release, 'number'> {
  return {
    model,
    digest: digestOf(seed),
    size: 1234,
    filename: `${model}.tar.gz`,
    publishedAt: CREATED,
    publishedBy: 'anonymous',
    notes: '',
    signature: null,
    archive: {
      format: 3,
      rasaVersion: '3.6.21',
      intents: ['hello', 'naïve'],
      unpackedSize: 20_480,
      members: 12,
      warnings: [{ code: 'core-only', message: 'It has no NLU.' }],
    },
  }
}

/** Adds a release, and the model where it is new. */
export function publish(catalog: Catalog, model: string, seed: string): Promise<Release> {
  return catalog.write(model, async (writer) => {
    await writer.ensureModel(model, CREATED)
    return await writer.insertRelease(aRelease(model, seed))
  })
}

/** Begins a rollout of a tag of `shop`, which has no bots. */
export function aBegunRollout(catalog: Catalog, tag: string): Promise<Rollout> {
  return catalog.write('shop', async (writer) => {
    const id = await writer.reserveRollout('shop', tag, START)
    const request = { id, model: 'shop', tag, from: OLD, to: NEW, tagAt: OLD, policy: IMMEDIATE }
    const { rollout } = beginRollout(
      { ...request, order: 'secret', startedBy: 'ci', reason: null },
      [],
      START,
    )
    await writer.saveRollout(rollout)
    return rollout
  })
}

/** What a promise rejects with; fails where it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return await promise.then(
    () => {
      throw new Error('It was expected to reject')
    },
    (error: unknown) => {
      if (error instanceof Error) return error
      throw new TypeError('It rejected with something that is no Error', { cause: error })
    },
  )
}
