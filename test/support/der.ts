/** Just enough of DER (ITU-T X.690) to make certificates for tests. */

export type Der = Buffer

/** A value of any type by its tag. */
export function der(tag: number, ...content: (Uint8Array | readonly number[])[]): Der {
  const value = Buffer.concat(content.map((each) => Buffer.from(each)))
  const { length } = value
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), value])
}

export const sequence = (...content: Der[]): Der => der(0x30, ...content)
export const set = (...content: Der[]): Der => der(0x31, ...content)
export const octets = (content: Uint8Array): Der => der(0x04, content)
export const bits = (content: Uint8Array, unused = 0): Der => der(0x03, [unused], content)
export const text = (content: string): Der => der(0x0c, Buffer.from(content))
export const integer = (value: number): Der => der(0x02, [value])
export const yes: Der = der(0x01, [0xff])
/** `[n]` around what is in it. */
export const context = (n: number, ...content: Der[]): Der => der(0xa0 | n, ...content)

/** An object identifier: `2.5.29.17`. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(0x06, [first * 40 + second, ...rest.flatMap(base128)])
}

/** A moment to the second. */
export function time(at: Date): Der {
  return der(0x18, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')))
}

function base128(value: number): number[] {
  const groups = [value & 0x7f]
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
    groups.unshift((left % 128) | 0x80)
  return groups
}
