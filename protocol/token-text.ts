import { crc32 } from 'node:zlib'

/** How every token begins that a server made: secret scanners find it, and so do people. */
export const TOKEN_PREFIX = 'slipway_'

/** The digits of base 62, in their order. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Characters of chance in a token: 62^43 is just above 2^256. */
export const CHANCE_LENGTH = 43
/** 62^6 is above 2^32. */
const CHECKSUM_LENGTH = 6
const TOKEN = new RegExp(`^${TOKEN_PREFIX}[0-9A-Za-z]{${CHANCE_LENGTH + CHECKSUM_LENGTH}}$`)

/** Makes a token of its characters of chance: the prefix in front, and behind a checksum of both (CRC-32, as in GitHub's tokens). */
export function tokenOf(chance: string): string {
  const text = TOKEN_PREFIX + chance
  let rest = crc32(text)
  let checksum = ''
  for (let digit = 0; digit < CHECKSUM_LENGTH; digit++) {
    checksum = (BASE62[rest % BASE62.length] ?? '') + checksum
    rest = Math.floor(rest / BASE62.length)
  }
  return text + checksum
}

/** Whether a text may be a token that a server made, with nothing of it missing or mistyped. */
export function isTokenText(text: string): boolean {
  return TOKEN.test(text) && tokenOf(text.slice(TOKEN_PREFIX.length, -CHECKSUM_LENGTH)) === text
}

/** A token, or most of one that was cut. */
const TOKENS = new RegExp(`${TOKEN_PREFIX}[0-9A-Za-z]{20,}`, 'g')

/** A text without the tokens in it: people paste them where a name belongs, and logs and messages go further than tokens may. */
export function hideTokens(text: string): string {
  return text.includes(TOKEN_PREFIX) ? text.replaceAll(TOKENS, `${TOKEN_PREFIX}…`) : text
}
