import type { StatusWarning } from '../../protocol/status.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import type { DiskSpace } from './disk-space.ts'

/** From there on somebody should make room: a share of the volume. */
export const DISK_WARNING = 0.85

/** What share of a volume is taken, for those who are not root. */
export function usedShare({ free, total }: DiskSpace): number {
  return total === 0 ? 0 : 1 - free / total
}

/** What is looked at for warnings. */
export interface Watched {
  /** The volume of DATA_DIR. */
  space: DiskSpace
  /** Bytes free where uploads are staged, and how many of them uploads leave free; undefined where nothing limits uploads. */
  uploads?: { free: number; reserve: number } | undefined
  /** Why changes are refused for another reason than room; undefined where they are not. */
  refusal?: { code: string; reason: string } | undefined
  /** Bytes that must be free for what can wait, where it is refused; undefined: it is not. @see Ballast.requireRoom */
  missingRoom?: number | undefined
  damagedBlobs: number
  isCatalogLost: boolean
  unknownBlobs?: number
}

function describeRefused(code: string): string {
  return code === 'storage-unavailable'
    ? 'Nothing can be published, and archives that this server has no copy of are not given out, nor can tags be moved to them'
    : 'Uploads and changes are refused'
}

/** What somebody should look at. */
export function warningsOf({
  space,
  uploads,
  refusal,
  missingRoom,
  damagedBlobs,
  isCatalogLost,
  unknownBlobs = 0,
}: Watched): StatusWarning[] {
  const warnings: StatusWarning[] = []
  const used = usedShare(space)
  if (refusal !== undefined && !isCatalogLost)
    warnings.push({ code: 'uploads-refused', message: `${describeRefused(refusal.code)}: ${refusal.reason}` })
  if (missingRoom !== undefined) {
    warnings.push({
      code: 'changes-refused',
      message:
        'The volume of DATA_DIR is full: rollouts take no further step, and uploads and all changes are refused, ' +
        'but for rollbacks, aborts, pauses and deletions as long as there is room left for these, ' +
        `until ${readableSize(missingRoom)} are free. What slipway prune --keep-releases N takes away is free after SLIPWAY_GRACE_MINUTES.`,
    })
  } else if (uploads !== undefined && uploads.free <= uploads.reserve) {
    warnings.push({
      code: 'uploads-refused',
      message:
        `Uploads are refused: the volume of DATA_DIR has ${Math.floor(uploads.free / 1e6)} MB free, and ` +
        `${Math.ceil(uploads.reserve / 1e6)} MB must stay so (SLIPWAY_MIN_FREE_BYTES). slipway prune makes room.`,
    })
  } else if (used >= DISK_WARNING) {
    warnings.push({
      code: 'disk-filling',
      message: `The volume of DATA_DIR is ${Math.floor(used * 100)} % full; slipway prune makes room.`,
    })
  }
  if (damagedBlobs > 0) {
    warnings.push({
      code: 'blobs-damaged',
      message: `Stored archives that are damaged or missing: ${damagedBlobs}; slipway verify names their releases.`,
    })
  }
  if (isCatalogLost) {
    warnings.push({
      code: 'catalog-lost',
      message:
        'The catalog cannot be used: bots are served what it said last, uploads and changes are refused. /readyz says why, and what to do.',
    })
  }
  if (unknownBlobs > 0) {
    warnings.push({
      code: 'blobs-unknown',
      message:
        `${unknownBlobs} stored archives are unknown to this catalog and are kept: it is likely not theirs. Stop the server and ` +
        'run slipway restore --replace; where the catalog is right, publish the archives again, or remove them by hand.',
    })
  }
  return warnings
}
