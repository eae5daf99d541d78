import { formatDigestField } from '../../../protocol/digest-field.ts'
import { isSafeFileName } from '../../../protocol/file-name.ts'
import type { ServedRelease } from '../../releases/release.ts'

/**
 * What every answer with an archive says of it, but for entity tag, length and caching. Made once per release:
 * releases are immutable.
 *
 * - `filename` is what Rasa 3 saves the archive as (core/agent.py); a bare header, read nowhere else.
 * - `Repr-Digest` covers the whole archive, also on 206 and HEAD (RFC 9530 §3.1).
 * - `X-Accel-Buffering: no` keeps nginx from buffering the whole archive: it would tell us nothing of the bot.
 */
export function archiveHeaders(release: ServedRelease): readonly string[] {
  const known = prepared.get(release)
  if (known !== undefined) return known
  const filename = isSafeFileName(release.filename) ? release.filename : `${release.digest}.tar.gz`
  const headers = [
    'Content-Type',
    'application/gzip',
    'filename',
    filename,
    'Content-Disposition',
    `attachment; filename="${filename}"`,
    'Repr-Digest',
    formatDigestField(release.digest),
    'Accept-Ranges',
    'bytes',
    'X-Accel-Buffering',
    'no',
    'X-Content-Type-Options',
    'nosniff',
    'Slipway-Release',
    String(release.number),
  ]
  prepared.set(release, headers)
  return headers
}

/** Made once for each release, and dropped with it. */
const prepared = new WeakMap<ServedRelease, readonly string[]>()
