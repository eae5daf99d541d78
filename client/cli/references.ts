import { readTag } from '../api/tags.ts'
import type { TagAddress } from '../api/tags.ts'
import type { ApiClient } from '../api/api-client.ts'
import { listModels, readModel, readRelease } from '../api/releases.ts'
import type { KnownRelease } from '../api/known-schemas.ts'
import { NAME_RULE, isName, parseModelReference } from '../../protocol/names.ts'
import { usageError } from './usage-error.ts'

/** Reads `shop@production`. */
export function tagAddress(text: string): TagAddress {
  const { model, tag } = parseModelReference(text) ?? {}
  if (model === undefined || tag === undefined) {
    throw usageError(`"${text}" is not MODEL@TAG, such as shop@production (${NAME_RULE})`)
  }
  return { model, tag }
}

/** Reads the name of a model. */
export function modelName(text: string): string {
  if (!isName(text)) throw usageError(`"${text}" is not the name of a model: ${NAME_RULE}`)
  return text
}

/** The names of all models of a server. */
export async function modelNames(client: ApiClient): Promise<string[]> {
  return (await listModels(client)).map(({ model }) => model).sort()
}

/** A release as people name it: by its number, by a tag, or as what the model's default tag points at. */
export interface ReleaseReference {
  model: string
  number?: number
  tag?: string
}

/**
 * Reads `shop#7`, `shop@production` or `shop`.
 *
 * @returns undefined where it is none of them.
 */
export function parseReleaseReference(text: string): ReleaseReference | undefined {
  const [, model = '', digits] = /^([^#]*)#([1-9]\d{0,14})$/.exec(text) ?? []
  if (digits === undefined) return parseModelReference(text)
  return isName(model) ? { model, number: Number(digits) } : undefined
}

/** Reads a release, wherever it is named so. */
export function releaseReference(text: string): ReleaseReference {
  const reference = parseReleaseReference(text)
  if (reference !== undefined) return reference
  throw usageError(`"${text}" is not MODEL, MODEL@TAG or MODEL#NUMBER, such as shop#7 (${NAME_RULE})`)
}

/** The release that a reference means now. */
export async function findRelease(client: ApiClient, reference: ReleaseReference): Promise<KnownRelease> {
  const { model, number } = reference
  if (number !== undefined) return readRelease(client, model, number)
  const tag = reference.tag ?? (await readModel(client, model)).defaultTag
  return readRelease(client, model, (await readTag(client, { model, tag })).release)
}

/** Reads a release of a model: its number, `shop#7` as other commands show it, or a tag that points at it. */
export async function releaseNumber(client: ApiClient, model: string, text: string): Promise<number> {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  const reference = isName(text) ? { model, tag: text } : parseReleaseReference(text)
  if (reference === undefined)
    throw usageError(`"${text}" is not a release: name its number, ${model}#NUMBER, or a tag`)
  if (reference.model !== model) throw usageError(`${text} is a release of another model than ${model}`)
  const { number, tag } = reference
  if (number !== undefined) return number
  return (await readTag(client, { model, tag: tag ?? (await readModel(client, model)).defaultTag })).release
}
