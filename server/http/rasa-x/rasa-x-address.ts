/** The model that the one project of Rasa X becomes. */
export const RASA_X_MODEL = 'default'

/** Where what Rasa X has and the API has not is mounted. */
export const RASA_X_PATH = '/rasa-x'

/** Before Rasa X 1.0, and since. */
const ROOT = /^\/api\/(?:projects\/default\/)?models(?=\/|\?|$)/

/** A request as the rest of the server understands it. */
export interface TranslatedRequest {
  url: string
  /** The token of the query, which Rasa X takes on every method; undefined where there is none. */
  token: string | undefined
}

/**
 * Translates an address of Rasa X: pulls by tag and publishes are the server's own, and everything else is below
 * {@link RASA_X_PATH}.
 *
 * @returns undefined where it is no address of Rasa X
 */
export function translateRasaX(method: string, url: string): TranslatedRequest | undefined {
  if (!ROOT.test(url)) return undefined
  const [path = '', query = ''] = splitOnce(url, '?')
  const parameters = new URLSearchParams(query)
  const token = parameters.get('api_token') ?? undefined
  parameters.delete('api_token')
  const rest = parameters.size === 0 ? '' : `?${parameters.toString()}`
  return { url: addressOf(method, path.replace(ROOT, '')) + rest, token }
}

function addressOf(method: string, below: string): string {
  const [, tag] = /^\/tags\/([^/]+)$/.exec(below) ?? []
  if (tag !== undefined) return `/models/${RASA_X_MODEL}@${tag}`
  const isRoot = below === '' || below === '/'
  if (method === 'POST' && isRoot) return `/models/${RASA_X_MODEL}`
  return `${RASA_X_PATH}/${RASA_X_MODEL}/files${isRoot ? '' : below}`
}

function splitOnce(text: string, at: string): string[] {
  const index = text.indexOf(at)
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}
