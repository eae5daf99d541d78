import { archiveMembers } from './archive-members.ts'
import type { ArchiveOptions } from './archive-members.ts'
import { gzipOf, tarOf } from './tar-builder.ts'

export { archiveMembers, noise } from './archive-members.ts'
export type { ArchiveOptions } from './archive-members.ts'
export { largeArchiveFile } from './large-archive-file.ts'
export { gzipOf, paxMember, paxRecord, tarOf } from './tar-builder.ts'
export type { TarMember } from './tar-builder.ts'

/** A sound small archive as Rasa 3 writes it: root folder `/` first, PAX times, `metadata.json` last. */
export function anArchive(options: ArchiveOptions = {}): Buffer {
  return gzipOf(tarOf(archiveMembers(options)))
}

/** A sound small archive as Rasa 2 writes it. */
export function aRasa2Archive(options: { trainedAt?: number; rasaVersion?: string } = {}): Buffer {
  const fingerprint = {
    config: '99914b932bd37a50b983c5e7c90ae93b',
    trained_at: options.trainedAt ?? 1795423778.6167552,
    version: options.rasaVersion ?? '2.8.34',
  }
  return gzipOf(
    tarOf([
      { path: 'fingerprint.json', content: JSON.stringify(fingerprint) },
      { path: 'nlu/' },
      { path: 'nlu/metadata.json', content: JSON.stringify({ language: 'en', rasa_version: '2.8.34' }) },
      { path: 'core/' },
      { path: 'core/domain.json', content: '{}' },
    ]),
  )
}
