import path from 'node:path'
import { safeFileName } from '../../protocol/file-name.ts'
import { DomainError } from '../errors/errors.ts'
import type { PublishOutcome } from '../releases/publish-model.ts'
import type { Publish } from './intake-dependencies.ts'
import { stampOf } from './intake-memory.ts'
import type { IntakeLook } from './intake-record.ts'
import {
  ItemChanged,
  ItemUnreadable,
  SourceUnavailable,
  type FoundItem,
  type IntakeSource,
} from './intake-source.ts'

/**
 * What became of an item:
 *
 * - `done`: published, or known already, and remembered.
 * - `refused`: no sound archive; not yet remembered.
 * - `changed`: somebody is still at it.
 * - `failed`: not its fault. Of the `item`: it cannot be read, or its signature does not count, or its model has as much as it
 *   may, which another signature, a pruning, or a change of what the model requires, may mend. Of the `server`: nothing can be taken now.
 */
export type Taken =
  | { kind: 'done'; outcome: PublishOutcome }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'changed' }
  | { kind: 'failed'; blame: 'item' | 'server'; error: unknown }

/**
 * Publishes what lies in a source, and remembers it in the same transaction.
 *
 * @throws SourceUnavailable where nothing can be read there now.
 */
export async function takeItem<Item extends FoundItem>(
  publish: Publish,
  source: IntakeSource<Item>,
  item: Item,
  knownDigests: 'skip-if-ever' | 'skip-if-latest',
  signal: AbortSignal,
): Promise<Taken> {
  const look = lookOf(source, item)
  try {
    const bundle = await source.readBundle(item, signal)
    const outcome = await publish(source.read(item, signal), {
      model: item.model,
      expectedSize: item.size,
      publishedBy: source.publishedBy,
      filename: safeFileName(path.posix.basename(item.path)),
      knownDigests,
      bundle,
      // Another server may watch the same folder, and have gone on from there.
      isDone: async (catalog, digest) => {
        const record = await catalog.findIntakeRecord(look.path)
        return record?.digest === digest && stampOf(record) === stampOf(look)
      },
      recordOutcome: (catalog, outcome, digest) =>
        catalog.rememberIntakeRecord({ ...look, digest, outcome, code: null }),
    })
    return { kind: 'done', outcome }
  } catch (error) {
    if (error instanceof SourceUnavailable) throw error
    if (error instanceof ItemChanged) return { kind: 'changed' }
    if (error instanceof ItemUnreadable) return { kind: 'failed', blame: 'item', error }
    const code = refusalCode(error)
    if (error instanceof DomainError && OF_THE_MODEL.has(error.code))
      return { kind: 'failed', blame: 'item', error }
    if (code === undefined) return { kind: 'failed', blame: 'server', error }
    return { kind: 'refused', code, message: error instanceof Error ? error.message : code }
  }
}

/** What the catalog remembers of how an item looks. */
export function lookOf(source: Pick<IntakeSource, 'recordPath'>, item: FoundItem): IntakeLook {
  const { size, modifiedAt, version } = item
  return {
    path: source.recordPath(item.path),
    size,
    modifiedAt,
    ...(version === undefined ? {} : { version }),
  }
}

/** Refusals by what a model requires, which may change while the item stays as it is. */
const OF_THE_MODEL: ReadonlySet<string> = new Set([
  'signature-required',
  'signature-refused',
  'quota-exceeded',
])

/** The code of a refusal that only another archive can cure: all of these begin alike. */
function refusalCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return error.code.startsWith('archive-') ? error.code : undefined
}
