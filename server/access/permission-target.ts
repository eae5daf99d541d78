/** Stands for a model that is not known yet, such as those of a list. */
export const SOME_MODEL: unique symbol = Symbol('some model')

/** Stands for a tag that a request names by something else, such as the id of a rollout. */
export const SOME_TAG: unique symbol = Symbol('some tag')

/** What a permission is needed for; a name may be anything, as it is checked later. */
export interface PermissionTarget {
  /**
   * Undefined: all models. {@link SOME_MODEL}: a permission for any of them lets the request in, and whoever handles it shows
   * what is of those alone.
   */
  readonly model?: string | typeof SOME_MODEL | undefined
  /**
   * Undefined: all tags. {@link SOME_TAG}: a permission for any of them lets the request in, and whoever handles it asks
   * again once the tag is known.
   */
  readonly tag?: string | typeof SOME_TAG | undefined
}
