import { DEFAULT_MODEL, isName, NAME_RULE } from '../../../protocol/names.ts'

/** What an object of an imported folder is: an archive of a model, or nothing that can be published and why. */
export type KeyMeaning = { model: string } | { ignored: string } | undefined

/** Where `rasa train` writes archives; newer releases keep it as a folder in the bucket. */
const RASA_FOLDER = 'models/'

/**
 * The model that an object belongs to, as the inbox has it: `x.tar.gz` is of `default`, `{model}/x.tar.gz` of
 * `{model}`. A leading `models/` is Rasa's own and counts for nothing.
 *
 * @param key Without the folder that is imported.
 * @returns undefined for what nobody could mean to publish.
 */
export function modelOfKey(key: string): KeyMeaning {
  const segments = (key.startsWith(RASA_FOLDER) ? key.slice(RASA_FOLDER.length) : key).split('/')
  const name = segments.at(-1) ?? ''
  if (segments.some((segment) => segment.startsWith('.'))) return undefined
  if (!name.endsWith('.tar.gz')) {
    return /\.(tgz|zip|tar|tar\.gz)$/i.test(name)
      ? { ignored: 'only objects named *.tar.gz are taken' }
      : undefined
  }
  const [model, ...rest] = segments.slice(0, -1)
  if (model === undefined) return { model: DEFAULT_MODEL }
  if (rest.length > 0) return { ignored: 'folders are looked into one level deep: {model}/{name}.tar.gz' }
  if (!isName(model)) return { ignored: `the name of a folder is that of its model, and ${NAME_RULE}` }
  return { model }
}
