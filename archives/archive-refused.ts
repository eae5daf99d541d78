/** Why an archive is refused; each is a problem code of the API too. */
export type ArchiveRefusalCode =
  | 'archive-not-gzip'
  | 'archive-corrupt'
  | 'archive-truncated'
  | 'archive-trailing-data'
  | 'archive-multiple-members'
  | 'archive-malformed-tar'
  | 'archive-unsafe-path'
  | 'archive-path-too-long'
  | 'archive-invalid-path'
  | 'archive-unsafe-member'
  | 'archive-duplicate-member'
  | 'archive-too-many-members'
  | 'archive-unpacks-too-large'
  | 'archive-bomb'
  | 'archive-metadata-too-large'
  | 'archive-metadata-invalid'
  | 'archive-not-a-model'
  | 'archive-incomplete'

/** Particulars of a refusal, safe to be shown: the member it is about, the limit it broke. */
export type ArchiveRefusalData = Readonly<Record<string, string | number | readonly string[]>>

/** An archive is not what it should be. The message says what was found, where, and what is expected. */
export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused'
  readonly code: ArchiveRefusalCode
  readonly data: ArchiveRefusalData

  constructor(code: ArchiveRefusalCode, message: string, data: ArchiveRefusalData = {}) {
    super(message)
    this.code = code
    this.data = data
  }
}
