import { readTag } from '../api/tags.ts'
import type { TagAddress } from '../api/tags.ts'
import type { ApiClient } from '../api/api-client.ts'
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

/** Reads a release: its number, or a tag that points at it. */
export async function releaseNumber(client: ApiClient, model: string, text: string): Promise<number> {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  if (!isName(text)) throw usageError(`"${text}" is neither the number of a release nor a tag`)
  return (await readTag(client, { model, tag: text })).release
}
