/** What an archive may be at most; whatever is beyond is refused as soon as it is seen. */
export interface ArchiveLimits {
  /** Bytes after unpacking, tar headers included. */
  unpackedBytes: number
  /** Unpacked bytes per packed byte, looked at beyond {@link ArchiveLimits.ratioFreeBytes}. */
  ratio: number
  /** So many bytes may be unpacked at any ratio: small archives of zeros harm nobody. */
  ratioFreeBytes: number
  /** Files and folders, those that are only implied by the paths of others included. */
  members: number
  pathBytes: number
  /** What common file systems take for one name. */
  segmentBytes: number
  /** Bytes of `metadata.json` or `fingerprint.json`; those of real models have 10 to 100 KiB. */
  metadataBytes: number
  /** How deep the JSON in there may be nested. */
  metadataDepth: number
}

const MIB = 1024 * 1024

export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  unpackedBytes: 20 * 1024 * MIB,
  ratio: 200,
  ratioFreeBytes: 64 * MIB,
  members: 100_000,
  pathBytes: 1024,
  segmentBytes: 255,
  metadataBytes: MIB,
  metadataDepth: 64,
}
