import { ArchiveRefused } from '../archive-refused.ts'
import type { MetadataFiles, MetadataOutline } from './metadata-outline.ts'
import { outlineRasa2 } from './outline-rasa-2.ts'
import { outlineRasa3 } from './outline-rasa-3.ts'
import { parseMetadata } from './parse-metadata.ts'

/**
 * What the files that describe an archive say; `undefined` where neither `metadata.json` nor `fingerprint.json`
 * is among them.
 *
 * @throws ArchiveRefused where one of these two is not what Rasa writes, or both are there
 */
export function outlineMetadata(files: MetadataFiles, depthLimit: number): MetadataOutline | undefined {
  const parse = (member: string) => {
    const bytes = files[member]
    return (
      bytes && parseMetadata(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), member, depthLimit)
    )
  }
  const parseIfPossible = (member: string) => {
    try {
      return parse(member)
    } catch {
      return undefined
    }
  }
  const metadata = parse('metadata.json')
  const fingerprint = parse('fingerprint.json')
  if (metadata && fingerprint) {
    throw new ArchiveRefused(
      'archive-not-a-model',
      'the archive has metadata.json of Rasa 3 and fingerprint.json of Rasa 2; expected is a .tar.gz as rasa train writes it',
    )
  }
  if (metadata) return outlineRasa3(metadata)
  if (!fingerprint) return undefined
  const nluMetadata = parseIfPossible('nlu/metadata.json')
  const domain = parseIfPossible('core/domain.json')
  return outlineRasa2({ fingerprint, ...(nluMetadata && { nluMetadata }), ...(domain && { domain }) })
}
