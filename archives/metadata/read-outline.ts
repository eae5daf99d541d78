import { outlineInWorker } from './outline-in-worker.ts'
import type { MetadataFiles, MetadataOutline } from './metadata-outline.ts'
import { outlineMetadata } from './outline-metadata.ts'

/**
 * Bytes that are parsed where they are: the metadata of a real model has 15 to 100 KiB, which takes a
 * millisecond or two, and 10 µs for the digest of each definition. A megabyte of hostile JSON takes 200 ms, in which
 * nobody's poll would be answered.
 */
const PARSED_IN_PLACE = 128 * 1024

/**
 * What the files that describe an archive say; large ones are parsed in a thread of their own, one at a time.
 *
 * @throws ArchiveRefused as {@link outlineMetadata}; or the signal's reason
 */
export async function readOutline(
  files: MetadataFiles,
  depthLimit: number,
  signal: AbortSignal,
): Promise<MetadataOutline | undefined> {
  const bytes = Object.values(files).reduce((total, file) => total + file.length, 0)
  return bytes <= PARSED_IN_PLACE
    ? outlineMetadata(files, depthLimit)
    : outlineInWorker({ files, depthLimit }, signal)
}
