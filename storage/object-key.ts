/** Whether every store can hold an object under `key`: see the port's rules in object-store.ts. */
export function isObjectKey(key: string): boolean {
  return key.split('/').every((segment) => {
    if (segment === '' || segment === '.' || segment === '..') return false
    return !segment.includes('\0') && Buffer.byteLength(segment) <= 255
  })
}
