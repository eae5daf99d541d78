import type { StagedObject } from '../../storage/object-store.ts'

/**
 * The same staged object, but for how it is committed.
 *
 * @param commit To be called instead of the object's own.
 */
export function withCommit(object: StagedObject, commit: StagedObject['commit']): StagedObject {
  return {
    // It grows while it is written.
    get size() {
      return object.size
    },
    write: (chunk) => object.write(chunk),
    read: () => object.read(),
    commit,
    discard: () => object.discard(),
  }
}
