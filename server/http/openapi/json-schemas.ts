import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'

/** A JSON Schema, as far as it is looked into here. */
export type JsonSchema = Record<string, unknown> & { description?: string }

/** Whether a schema describes what is sent to the server or what it answers: defaults and openness differ. */
export type Direction = 'request' | 'reply'

/**
 * Turns zod schemas into JSON Schemas for an OpenAPI 3.1 document. Those with an id become components, and are
 * referred to.
 */
export class JsonSchemas {
  readonly components: Record<string, JsonSchema> = {}

  /** @throws TypeError where two different schemas have one id. */
  add(schema: z.ZodType, direction: Direction): JsonSchema {
    const { $schema, $defs, ...root } = z.toJSONSchema(schema, {
      io: direction === 'request' ? 'input' : 'output',
    }) as JsonSchema & { $defs?: Record<string, JsonSchema> }
    for (const [id, definition] of Object.entries($defs ?? {})) {
      const tidied = tidy(definition, direction)
      const known = this.components[id]
      if (known !== undefined && !isDeepStrictEqual(known, tidied))
        throw new TypeError(`Two different schemas have the id ${id}.`)
      this.components[id] = tidied
    }
    return tidy(root, direction)
  }
}

/** Says the same in fewer words, in those of OpenAPI. */
function tidy(schema: JsonSchema, direction: Direction): JsonSchema {
  const { anyOf, example, $ref, ...rest } = schema
  if (typeof $ref === 'string') return { ...rest, $ref: $ref.replace('#/$defs/', '#/components/schemas/') }
  const alternatives = anyOf as JsonSchema[] | undefined
  const nullable = alternatives === undefined ? undefined : asNullable(alternatives)
  if (nullable !== undefined)
    return tidy({ ...nullable, ...withoutUndefined({ example }), ...rest }, direction)
  const result: JsonSchema = { ...rest }
  if (alternatives !== undefined) result['anyOf'] = alternatives.map((one) => tidy(one, direction))
  if ('example' in schema) result['examples'] = [example]
  if (result['format'] === 'date-time') delete result['pattern']
  if (direction === 'reply') {
    // Clients must bear new fields; and no number of ours comes near these.
    if (result['additionalProperties'] === false) delete result['additionalProperties']
    if (result['minimum'] === Number.MIN_SAFE_INTEGER) result['minimum'] = 0
    if (result['maximum'] === Number.MAX_SAFE_INTEGER) delete result['maximum']
  }
  if (isSchema(result['items'])) result['items'] = tidy(result['items'], direction)
  if (isSchema(result['additionalProperties']))
    result['additionalProperties'] = tidy(result['additionalProperties'], direction)
  if (isSchema(result['properties'])) {
    result['properties'] = Object.fromEntries(
      Object.entries(result['properties'] as Record<string, JsonSchema>).map(([name, property]) => [
        name,
        tidy(property, direction),
      ]),
    )
  }
  return result
}

/** `anyOf: [{type: T}, {type: null}]` as `type: [T, null]`. */
function asNullable(alternatives: readonly JsonSchema[]): JsonSchema | undefined {
  const [one, other] = alternatives
  if (alternatives.length !== 2 || one === undefined || other?.['type'] !== 'null') return undefined
  return typeof one['type'] === 'string' ? { ...one, type: [one['type'], 'null'] } : undefined
}

function withoutUndefined(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined))
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
