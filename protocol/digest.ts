const DIGEST = /^[0-9a-f]{64}$/

/** Whether `text` is a digest: SHA-256 in 64 lower-case hex digits, the identity of an archive. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}
