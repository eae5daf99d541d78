import { ObjectNotFound, type ObjectStat, type ObjectStore } from '../../../storage/object-store.ts'
import { LEASE_KEY } from '../../blobs/lease-record.ts'
import { BLOBS_PREFIX } from '../../blobs/object-blobs.ts'
import { copyArchive } from '../copy-archive.ts'
import { ToolFailure } from '../tool-failure.ts'

/** What became of the archives of a store. */
export interface CopiedArchives {
  copied: number
  /** Of those that were copied. */
  bytes: number
  /** Were in the target already. */
  present: number
  /** Keys of archives that are not what their name says, and were left out. */
  damaged: string[]
}

/**
 * Copies all archives from one store to another, each hashed on its way; what is in the target already is not copied again. Goes on
 * until a comparison of both lists finds nothing new, as a server may publish meanwhile.
 *
 * @throws ToolFailure where the target is a server's already, or there are no archives; what the stores throw.
 */
export async function copyArchives(from: ObjectStore, to: ObjectStore): Promise<CopiedArchives> {
  if ((await to.stat(LEASE_KEY)) !== undefined)
    throw new ToolFailure(
      10,
      `${to.description} belongs to a server already (it has the object ${LEASE_KEY}), which would delete archives that its catalog does not ` +
        'know. Name an empty folder of the bucket.',
    )
  const damaged = new Set<string>()
  const total = { copied: 0, bytes: 0, present: 0 }
  for (let isFirst = true; ; isFirst = false) {
    const present = await sizesIn(to)
    let copied = 0
    for await (const archive of from.list(BLOBS_PREFIX)) {
      if (damaged.has(archive.key)) continue
      if (present.get(archive.key) === archive.size) {
        if (isFirst) total.present++
        continue
      }
      const outcome = await copyIfThere(from, to, archive)
      if (outcome === 'damaged') damaged.add(archive.key)
      if (outcome !== 'copied') continue
      copied++
      total.bytes += archive.size
    }
    total.copied += copied
    if (copied > 0) continue
    if (total.copied + total.present + damaged.size === 0) throw nothingThere(from)
    return { ...total, damaged: [...damaged].toSorted() }
  }
}

/** Most likely another place was meant; who takes it for a success starts a server without archives. */
function nothingThere({ description }: ObjectStore): ToolFailure {
  return new ToolFailure(
    2,
    `There are no archives in ${description}. Name where the server keeps them: DATA_DIR, or with STORAGE=aws, gcs or azure the bucket (STORAGE).`,
  )
}

async function sizesIn(store: ObjectStore): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  for await (const { key, size } of store.list(BLOBS_PREFIX)) sizes.set(key, size)
  return sizes
}

async function copyIfThere(
  from: ObjectStore,
  to: ObjectStore,
  { key, size }: ObjectStat,
): Promise<'copied' | 'damaged' | 'gone'> {
  const opened = await from.open(key, { expectedSize: size }).catch((error: unknown) => {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  })
  if (opened === undefined) return 'gone'
  const [digest = ''] = key.slice(key.lastIndexOf('/') + 1).split('.')
  return (await copyArchive(opened, digest, to, key)) ? 'copied' : 'damaged'
}
