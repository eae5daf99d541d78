import type { ReplyDescription } from '../api/endpoint.ts'
import type { JsonSchemas } from './json-schemas.ts'
import type { ReplyObject } from './document-objects.ts'
import type { Operation } from './operation.ts'
import type { ResponseFieldName } from './response-fields.ts'

/** An answer that is no problem, as the OpenAPI document has it. */
export function describeReply(
  { description, schema, headers = [], mediaType }: ReplyDescription,
  status: number,
  { method }: Operation,
  schemas: JsonSchemas,
): ReplyObject {
  const type = mediaType ?? (schema === undefined ? undefined : 'application/json')
  const hasContent = type !== undefined && method !== 'HEAD' && status !== 304
  return {
    description,
    ...(headers.length === 0 ? {} : { headers: headerReferences(headers) }),
    ...(hasContent
      ? { content: { [type]: { schema: schema === undefined ? {} : schemas.add(schema, 'reply') } } }
      : {}),
  }
}

/** Refers to the header objects of the document. */
export function headerReferences(names: readonly ResponseFieldName[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
