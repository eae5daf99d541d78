import type { JsonSchema } from '../../../server/http/openapi/json-schemas.ts'
import type { OpenApiDocument } from '../../../server/http/openapi/document-objects.ts'

/** A field of some schema, with where it is. */
export interface Field {
  where: string
  schema: JsonSchema
}

/** Every field of every object that the document describes, by components and in place. */
export function fieldsOf(document: OpenApiDocument): Field[] {
  const fields: Field[] = []
  for (const [name, schema] of Object.entries(document.components.schemas)) walk(name, schema, fields)
  for (const methods of Object.values(document.paths)) {
    for (const { operationId, parameters, requestBody, responses } of Object.values(methods)) {
      for (const { name, description, schema } of parameters) {
        fields.push({ where: `${operationId}?${name}`, schema: { description, ...schema } })
      }
      for (const { content = {} } of [requestBody ?? {}, ...Object.values(responses)]) {
        for (const [mediaType, { schema }] of Object.entries(content)) {
          if (mediaType !== 'application/problem+json') walk(`${operationId} ${mediaType}`, schema, fields)
        }
      }
    }
  }
  return fields
}

function walk(where: string, schema: JsonSchema, fields: Field[]): void {
  const { properties = {}, items } = schema as { properties?: Record<string, JsonSchema>; items?: JsonSchema }
  for (const [name, property] of Object.entries(properties)) {
    fields.push({ where: `${where}.${name}`, schema: property })
    walk(`${where}.${name}`, property, fields)
  }
  if (items !== undefined) walk(`${where}[]`, items, fields)
}
