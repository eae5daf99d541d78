import type { JsonSchema } from '../openapi/json-schemas.ts'

/** A value that a schema describes, made of the examples of its parts; undefined where these are missing. */
export function exampleOf(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>): unknown {
  const { $ref, examples, properties, items } = schema
  if (typeof $ref === 'string') {
    const component = components[$ref.split('/').at(-1) ?? '']
    return component && exampleOf(component, components)
  }
  if (Array.isArray(examples)) return examples[0] as unknown
  if (typeof items === 'object' && items !== null) {
    const item = exampleOf(items as JsonSchema, components)
    return item === undefined ? [] : [item]
  }
  if (typeof properties !== 'object' || properties === null) return undefined
  return Object.fromEntries(
    Object.entries(properties as Record<string, JsonSchema>).flatMap(([name, property]) => {
      const value = exampleOf(property, components)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
