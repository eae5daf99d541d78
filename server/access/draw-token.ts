import { hash } from 'node:crypto'
import { BASE62, CHANCE_LENGTH, tokenOf } from '../../protocol/token-text.ts'

/** Bytes that nobody can foresee. */
export type RandomBytes = (count: number) => Uint8Array

/** Draws a token. */
export function drawToken(random: RandomBytes): string {
  let chance = ''
  while (chance.length < CHANCE_LENGTH) {
    for (const byte of random(CHANCE_LENGTH)) {
      // 248 is the last multiple of 62 below 256: beyond it some characters would come more often.
      if (byte < 248 && chance.length < CHANCE_LENGTH) chance += BASE62[byte % BASE62.length] ?? ''
    }
  }
  return tokenOf(chance)
}

/** The SHA-256 of a token in lower-case hex: all that is kept of it. It was drawn whole, so a slow hash would add nothing. */
export function digestOfToken(text: string): string {
  return hash('sha256', text, 'hex')
}
