import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'

/** A JSON Schema, as far as it is looked into here. */
export type JsonSchema = Record<string, unknown> & { description?: string }

/** Whether a schema describes what is sent to the server or what it answers: defaults and openness differ. */
export type Direction = 'request' | 'reply'

/**
 * Turns zod schemas into JSON Schemas for an OpenAPI 3.1 document. Those with an id become components, and are
 * referred to; one that is both sent and answered becomes two, `Slice` and `SliceRequest`.
 */
export class JsonSchemas {
  readonly components: Record<string, JsonSchema> = {}
  readonly #used = { request: new Set<string>(), reply: new Set<string>() }
  readonly #shared: ReadonlySet<string>

  /** @param shared The ids of schemas that are both sent and answered, see {@link JsonSchemas.sharedIds}. */
  constructor(shared: ReadonlySet<string>) {
    this.#shared = shared
  }

  /** The ids that were added in both directions. */
  sharedIds(): Set<string> {
    const { request, reply } = this.#used
    return new Set([...request].filter((id) => reply.has(id)))
  }

  /** @throws TypeError where two different schemas have one id. */
  add(schema: z.ZodType, direction: Direction): JsonSchema {
    const { $schema, $defs, ...root } = z.toJSONSchema(schema, {
      io: direction === 'request' ? 'input' : 'output',
    }) as JsonSchema & { $defs?: Record<string, JsonSchema> }
    const refer = (reference: string): string => {
      const id = reference.slice('#/$defs/'.length)
      return `#/components/schemas/${this.#nameOf(id, direction)}`
    }
    for (const [id, definition] of Object.entries($defs ?? {})) {
      this.#used[direction].add(id)
      const name = this.#nameOf(id, direction)
      const simplified = simplify(definition, direction, refer)
      const known = this.components[name]
      if (known !== undefined && !isDeepStrictEqual(known, simplified) && !this.sharedIds().has(id))
        throw new TypeError(`Two different schemas have the id ${id}.`)
      this.components[name] = simplified
    }
    return simplify(root, direction, refer)
  }

  #nameOf(id: string, direction: Direction): string {
    return direction === 'request' && this.#shared.has(id) ? `${id}Request` : id
  }
}

/** Says the same in fewer words, in those of OpenAPI. */
function simplify(
  schema: JsonSchema,
  direction: Direction,
  refer: (reference: string) => string,
): JsonSchema {
  const { anyOf, example, $ref, ...rest } = schema
  if (typeof $ref === 'string') return { ...rest, $ref: refer($ref) }
  const alternatives = anyOf as JsonSchema[] | undefined
  const nullable = alternatives === undefined ? undefined : asNullable(alternatives)
  if (nullable !== undefined)
    return simplify({ ...nullable, ...withoutUndefined({ example }), ...rest }, direction, refer)
  const result: JsonSchema = { ...rest }
  if (alternatives !== undefined) result['anyOf'] = alternatives.map((one) => simplify(one, direction, refer))
  if ('example' in schema) result['examples'] = [example]
  if (result['format'] === 'date-time') delete result['pattern']
  if (direction === 'reply') {
    // Clients must bear new fields; and no number of ours comes near these.
    if (result['additionalProperties'] === false) delete result['additionalProperties']
    if (result['minimum'] === Number.MIN_SAFE_INTEGER) result['minimum'] = 0
    if (result['maximum'] === Number.MAX_SAFE_INTEGER) delete result['maximum']
  }
  if (isSchema(result['items'])) result['items'] = simplify(result['items'], direction, refer)
  if (isSchema(result['additionalProperties']))
    result['additionalProperties'] = simplify(result['additionalProperties'], direction, refer)
  if (isSchema(result['properties'])) {
    result['properties'] = Object.fromEntries(
      Object.entries(result['properties'] as Record<string, JsonSchema>).map(([name, property]) => [
        name,
        simplify(property, direction, refer),
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
