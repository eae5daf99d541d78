/** Whether every store can hold an object under `key`: see the port's rules in object-store.ts. */
export function isObjectKey(key: string): boolean {
  return key.split('/').every((segment) => {
    if (segment === '' || segment === '.' || segment === '..') return false
    return !segment.includes('\0') && Buffer.byteLength(segment) <= 255
  })
}

/** Throws a TypeError where no store can hold an object under `key`. */
export function requireObjectKey(key: string): void {
  if (!isObjectKey(key)) throw new TypeError(`${JSON.stringify(key)} cannot be the key of an object`)
}
