import type { Digest } from '../releases/release.ts'

/** One of equal parts of all blobs: digests are spread evenly, so that ranges of them are too. */
export interface VerificationSlice {
  /** From 1. */
  part: number
  of: number
}

const SPACE = 2 ** 32

/** The digests of a slice: those after `after` (exclusive) and before `end` (exclusive; undefined: to the last). */
export function sliceBounds({ part, of }: VerificationSlice): { after: Digest; end: Digest | undefined } {
  const bound = (share: number) =>
    Math.round((share / of) * SPACE)
      .toString(16)
      .padStart(8, '0')
  return { after: part === 1 ? '' : bound(part - 1), end: part === of ? undefined : bound(part) }
}
