/**
 * What a request needs to be allowed to do:
 *
 * - `pull`: fetch models, as bots do
 * - `publish`: bring archives in
 * - `promote`: move and delete tags
 * - `manage`: read, edit, delete and prune what a model has
 * - `admin`: what concerns the server as a whole
 */
export const PERMISSIONS = ['pull', 'publish', 'promote', 'manage', 'admin'] as const

/** @see PERMISSIONS */
export type Permission = (typeof PERMISSIONS)[number]

/** What a permission is needed for, as the request's path names it; unchecked. */
export interface PermissionTarget {
  model?: string | undefined
  tag?: string | undefined
}
