import { PullFailure } from './failure.ts'
import type { Progress } from './events.ts'
import { beginsLikeGzip, checkDownload } from './install/check-download.ts'
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
      if (download.bytes === 0 && !beginsLikeGzip(chunk)) {
        throw new PullFailure('unsound', 'what comes is not gzip, so it is no archive', { again: true })
      }
      await download.append(chunk)
      if (download.bytes > Math.min(maxBytes, offer.size ?? Infinity))
        throw tooLarge(Math.min(maxBytes, offer.size ?? Infinity))
      onProgress({ bytes: download.bytes, total: offer.size })
      signal.throwIfAborted()
    }
    return await checkReceived(download, offer, signal)
  } catch (error) {
    await offer.cancel()
    if (error instanceof PullFailure && error.kind === 'unsound') await download.rewind()
    else await download.settle().catch(() => undefined)
    throw error
  }
}

/** Checks a download of which every byte is there. */
export async function checkReceived(
  download: Download,
  head: Pick<Offer, 'size' | 'digest'>,
  signal: AbortSignal,
): Promise<Arrived> {
  await download.settle()
  const arrived = { file: download.file, bytes: download.bytes, digest: download.digest() }
  await checkDownload(arrived, head, signal)
  return arrived
}

function tooLarge(limit: number): PullFailure {
  return new PullFailure(
    'unsound',
    `what comes is longer than ${limit} bytes. Where archives are that large, raise --max-bytes`,
  )
}
