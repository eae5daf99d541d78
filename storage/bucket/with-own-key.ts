import { ObjectChanged, ObjectNotFound } from '../object-store.ts'

/** An error about a key as the caller knows it, without our folder. */
export function withOwnKey(error: unknown, key: string): unknown {
  if (error instanceof ObjectNotFound) return new ObjectNotFound(key)
  if (error instanceof ObjectChanged) return new ObjectChanged(key)
  return error
}
