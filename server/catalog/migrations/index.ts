import type { Migration } from 'kysely/migration'
import { modelsReleasesAndTags } from './0001-models-releases-and-tags.ts'

/** Every migration there is, in order. A name that was released once stays, and so does what it does. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-models-releases-and-tags': modelsReleasesAndTags,
}
