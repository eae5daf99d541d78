import { PullFailure } from './failure.ts'
import type { Progress } from './events.ts'
import { beginsLikeGzip, checkAnnounced } from './install/check-download.ts'
import type { Arrived } from './install/check-download.ts'
import type { Download } from './install/download.ts'
import { checkFreeSpace } from './install/free-space.ts'
import type { Offer } from './sources/source.ts'

export interface Reception {
  download: Download
  offer: Offer
  /** More bytes than this are no archive. */
  maxBytes: number
  onProgress: (progress: Progress) => void
  signal: AbortSignal
}

/**
 * Takes an offer's bytes into a download and checks the whole. Whatever goes wrong on the way, what arrived
 * soundly stays for the next attempt; what proved wrong is dropped.
 */
export async function receiveArchive({
  download,
  offer,
  maxBytes,
  onProgress,
  signal,
}: Reception): Promise<Arrived> {
  if (download.bytes !== offer.start) await download.rewind()
  try {
    if (offer.size !== undefined) {
      if (offer.size > maxBytes) throw tooLarge(maxBytes)
      await checkFreeSpace(download.file, offer.size - offer.start)
    }
    for await (const chunk of offer.chunks) {
      if (download.inspect && download.bytes === 0 && !beginsLikeGzip(chunk)) throw notGzip()
      await download.append(chunk)
      // Under an announced digest the rest is fetched all the same: only the whole tells who is at fault.
      if (offer.digest === undefined && download.unsound !== undefined) throw download.unsound
      if (download.bytes > Math.min(maxBytes, offer.size ?? Infinity))
        throw tooLarge(Math.min(maxBytes, offer.size ?? Infinity))
      onProgress({ bytes: download.bytes, total: offer.size })
      signal.throwIfAborted()
    }
    return await checkReceived(download, offer)
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'unsound') await download.rewind()
    else await download.settle().catch(() => undefined)
    throw error
  }
}

/**
 * Checks a download of which every byte is there: against what was announced, then whether it is a sound archive.
 *
 * @throws PullFailure; {@link UnsoundAsAnnounced} where fetching it again brings the same bytes.
 */
export async function checkReceived(
  download: Download,
  announced: Pick<Offer, 'size' | 'digest'>,
): Promise<Arrived> {
  await download.settle()
  const arrived = { file: download.file, bytes: download.bytes, digest: download.digest() }
  checkAnnounced(arrived, announced)
  try {
    download.endCheck()
  } catch (error) {
    if (!(error instanceof PullFailure) || announced.digest === undefined) throw error
    throw new UnsoundAsAnnounced(arrived.digest, error)
  }
  return arrived
}

/** What came has the announced digest, and is no sound archive: the fault is the source's. */
export class UnsoundAsAnnounced extends PullFailure {
  readonly digest: string

  constructor(digest: string, cause: PullFailure) {
    super('unsound', cause.message, { again: false, cause })
    this.digest = digest
  }
}

function notGzip(): PullFailure {
  return new PullFailure(
    'unsound',
    'the file is not gzip, so it is not an archive. To install another kind of file, use --no-inspect',
    { again: true },
  )
}

function tooLarge(limit: number): PullFailure {
  return new PullFailure(
    'unsound',
    `the archive is larger than ${limit} bytes; raise --max-bytes to allow it`,
  )
}
