/**
 * What a token may be allowed, for a model, or for all:
 *
 * - `pull`: fetch what a tag selects, as bots do
 * - `read`: look at releases, tags, bots and rollouts, and at the metrics
 * - `publish`: bring archives in, which moves `latest`
 * - `promote`: move and delete tags, and steer their rollouts
 * - `manage`: edit, delete and prune releases, verify archives, set policies
 * - `admin`: everything, tokens included
 */
export const PERMISSIONS = ['pull', 'read', 'publish', 'promote', 'manage', 'admin'] as const

/** @see PERMISSIONS */
export type Permission = (typeof PERMISSIONS)[number]

/** One thing that a token allows, with patterns of names; `*` is every name. */
export interface Grant {
  readonly permission: Permission
  readonly model: string
  readonly tag: string
}

/** Everything that a token may carry, so that what it allows is seen at a glance. */
export const MOST_GRANTS = 50

/** What {@link parseGrant} takes, in words, for error messages. */
export const GRANT_RULE =
  'PERMISSION, PERMISSION:MODEL or PERMISSION:MODEL@TAG, such as publish:support-* or promote:*@staging; ' +
  `the permission is one of ${PERMISSIONS.join(', ')}, * stands for any characters, tags go with pull and promote, and ` +
  'admin is never limited'

const NAMES = '([a-z0-9._*-]{1,64})'

/** What {@link parseGrant} takes. */
export const GRANT_PATTERN = new RegExp(
  `^(?:(pull|promote)(?::${NAMES}(?:@${NAMES})?)?|(read|publish|manage)(?::${NAMES})?|(admin))$`,
)

/**
 * Reads `publish:support-*`: a permission, and the models and tags that it is limited to.
 *
 * @returns undefined where it is not of that form ({@link GRANT_RULE}).
 */
export function parseGrant(text: string): Grant | undefined {
  const match = GRANT_PATTERN.exec(text)
  if (match === null) return undefined
  const [, ofTags, modelOfTags, tag = '*', ofModels, modelOfModels] = match
  const permission = PERMISSIONS.find((known) => known === (ofTags ?? ofModels)) ?? 'admin'
  return { permission, model: modelOfTags ?? modelOfModels ?? '*', tag }
}

/** Writes a grant as {@link parseGrant} reads it, without limits that limit nothing. */
export function formatGrant({ permission, model, tag }: Grant): string {
  if (tag !== '*') return `${permission}:${model}@${tag}`
  return model === '*' ? permission : `${permission}:${model}`
}
