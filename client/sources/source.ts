/**
 * Where archives come from. A source answers one question at a time and installs nothing; it throws
 * {@link import('../failure.ts').PullFailure} where it has no answer.
 */
export interface Source {
  /** For people: a URL without credentials, a path, a bucket and a name. */
  readonly description: string
  /** Tells sources apart in what is remembered of a folder; no secret is in it. */
  readonly key: string
  ask(question: Question): Promise<Answer>
  /**
   * The signature that the source has of an archive that it offered: a Sigstore bundle; undefined where it has none.
   * Absent where archives of such a source have no signatures.
   */
  readBundle?(archive: ArchiveHead, signal: AbortSignal): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

export interface Question {
  /**
   * What goes into `If-None-Match`: the process name until something was installed, then the entity tag of
   * what was installed, byte for byte.
   */
  claim: string
  /** What lies here of an earlier transfer, so that only the rest need come. */
  partial?: PartialCopy | undefined
  /** Whether nobody will ask again: what is asked says nothing of a bot. */
  isOnce?: boolean
  signal: AbortSignal
}

/** The beginning of an archive, from an earlier transfer. */
export interface PartialCopy {
  /** A strong entity tag, as it came. */
  etag: string
  bytes: number
}

export type Answer =
  /** The archive of the claim is still the right one. */
  | { kind: 'unchanged' }
  /** Nothing for us now: keep what is there. */
  | { kind: 'keep' }
  /** The partial copy is the whole archive already. */
  | { kind: 'complete' }
  | { kind: 'offer'; offer: Offer }

/** What is known of an archive before its bytes. */
export interface ArchiveHead {
  /** As it came; absent where the source has none. */
  etag?: string | undefined
  /** SHA-256 in hex, where the source says it. */
  digest?: string | undefined
  /** Bytes of the whole archive, where the source says it. */
  size?: number | undefined
  /** A safe base name. */
  filename: string
  release?: number | undefined
}

/** An archive that is being sent. */
export interface Offer extends ArchiveHead {
  /** Which byte of the archive comes first: more than 0 only where it continues the partial copy. */
  start: number
  /** To be read once. A chunk may be overwritten when the next one is asked for. */
  chunks: AsyncIterable<Uint8Array>
  /** Ends the transfer without reading the rest. */
  cancel(): Promise<void>
}
