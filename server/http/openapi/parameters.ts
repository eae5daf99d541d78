import type { z } from 'zod'
import type { JsonSchema, JsonSchemas } from './json-schemas.ts'
import type { ParameterObject } from './document-objects.ts'
import type { Operation } from './operation.ts'
import { PATH_PARAMETERS, REQUEST_FIELDS } from './request-fields.ts'

/** What an operation takes besides its body. */
export function describeParameters(
  { path, query, fields }: Operation,
  schemas: JsonSchemas,
): ParameterObject[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const schema = PATH_PARAMETERS[name]
    if (schema === undefined) throw new TypeError(`Nobody has described {${name}} of ${path}.`)
    return parameter(name, 'path', true, schemas.add(schema, 'request'))
  })
  return [
    ...inPath,
    ...queryParameters(query, schemas),
    ...fields.map((name) => {
      const { description, example } = REQUEST_FIELDS[name]
      return parameter(name, 'header', false, { type: 'string', description, examples: [example] })
    }),
  ]
}

function queryParameters(query: z.ZodType | undefined, schemas: JsonSchemas): ParameterObject[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = schemas.add(query, 'request') as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) =>
    parameter(name, 'query', required.includes(name), schema),
  )
}

/** The description moves from the schema to the parameter, where readers look for it. */
function parameter(
  name: string,
  where: ParameterObject['in'],
  required: boolean,
  { description = '', ...schema }: JsonSchema,
): ParameterObject {
  return { name, in: where, required, description, schema }
}
