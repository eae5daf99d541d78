/** Looks at the content of one file as it streams by, keeping little of it. */
export interface ContentCheck {
  /** Takes the next bytes, which are the caller's again afterwards. */
  push(piece: Buffer): void
  /** To be called after the last byte: what is wrong, as a part of a sentence (`is cut`), or nothing. */
  damage(): string | undefined
}
