import fc from 'fast-check'

/**
 * Any code point but halves of pairs, as `unit` of strings. `binary` of fast-check means the same, but makes a table of all 1.1 million
 * and keeps it: 86 MB in each process.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point))
