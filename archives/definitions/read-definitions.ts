import { DEFAULT_ARCHIVE_LIMITS } from '../archive-limits.ts'
import { GzipReader } from '../gzip/gzip-reader.ts'
import { MemberCollector } from '../member-collector.ts'
import { TarReader } from '../tar/tar-reader.ts'
import { definitionsIn, type Definitions } from './definitions-in.ts'

/**
 * Reads what an archive defines under its names out of its bytes, which takes as long as unpacking it: its metadata is its
 * last member.
 *
 * @throws ArchiveRefused where it is not sound, or its metadata is larger than 1 MiB; or whatever reading `bytes` throws
 */
export async function readDefinitions(bytes: AsyncIterable<Uint8Array>): Promise<Definitions> {
  const collector = new MemberCollector(DEFAULT_ARCHIVE_LIMITS.metadataBytes)
  const tar = new TarReader(DEFAULT_ARCHIVE_LIMITS, (member) => collector.want(member))
  const gzip = new GzipReader(DEFAULT_ARCHIVE_LIMITS, (plain) => {
    tar.push(plain)
  })
  try {
    for await (const chunk of bytes) await gzip.write(chunk)
    gzip.end()
    tar.end()
  } finally {
    gzip.close(new Error('reading the definitions has ended'))
  }
  return definitionsIn(collector.contents)
}
