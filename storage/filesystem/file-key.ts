import { isObjectKey, requireObjectKey } from '../object-key.ts'

/** Where a store of files stages, under its root. */
export const stagingFolder = '.staging'

/** Whether a store of files can hold an object under `key`: any object key but those where it stages. */
export function isFileKey(key: string): boolean {
  return isObjectKey(key) && key.split('/')[0] !== stagingFolder
}

/** Throws a TypeError where a store of files cannot hold an object under `key`. */
export function requireFileKey(key: string): void {
  requireObjectKey(key)
  if (!isFileKey(key)) throw new TypeError(`"${key}" lies where the store stages its files`)
}
