/**
 * A numeric field of a tar header: octal digits with blanks around, nothing at all (0), or base 256 behind
 * a byte 80 (positive) or ff (negative), as Python's tarfile reads it; `undefined` where it is neither, or
 * beyond what a number holds exactly.
 */
export function tarNumber(field: Buffer): number | undefined {
  const first = field[0] ?? 0
  if (first === 0x80 || first === 0xff) return base256(field, first === 0xff)
  const nul = field.indexOf(0)
  const text = field.toString('latin1', 0, nul < 0 ? field.length : nul).replace(/^[ \t]+|[ \t]+$/g, '')
  if (text === '') return 0
  if (!/^[0-7]+$/.test(text)) return undefined
  return Number.parseInt(text, 8)
}

function base256(field: Buffer, negative: boolean): number | undefined {
  let value = 0n
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte)
  if (negative) value -= 1n << BigInt(8 * (field.length - 1))
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}
