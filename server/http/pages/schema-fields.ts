import type { JsonSchema } from '../openapi/json-schemas.ts'
import { html, inline, type Html } from './html.ts'

/** The fields of an object's schema. */
export function schemaFields(schema: JsonSchema): Html | string {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  const fields = Object.entries(properties)
  if (fields.length === 0) return ''
  return html`<dl>
    ${fields.map(
      ([name, field]) =>
        html`<dt>
            <code>${name}</code>
            <span class="faint">${typeOf(field)}${required.includes(name) ? '' : ', optional'}</span>
          </dt>
          <dd>
            ${inline(field.description ?? '')}${limits(field)}${example(field)}${typeof field['items'] === 'object' ? nested(field['items'] as JsonSchema) : ''}
          </dd>`,
    )}
  </dl>`
}

/** What a schema allows, in a word or two. */
export function typeOf(schema: JsonSchema): Html | string {
  const name = nameOfReference(schema)
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`
  const { type, items, enum: values, const: only, anyOf } = schema
  if (only !== undefined) return JSON.stringify(only)
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (Array.isArray(anyOf))
    return html`${(anyOf as JsonSchema[]).map((one, index) => html`${index === 0 ? '' : ' | '}${typeOf(one)}`)}`
  if (type === 'array') return html`list of ${typeOf((items ?? {}) as JsonSchema)}`
  if (Array.isArray(type)) return type.join(' | ')
  return typeof type === 'string' ? type : 'anything'
}

/** The name of the component that a schema refers to. */
export function nameOfReference({ $ref }: JsonSchema): string | undefined {
  return typeof $ref === 'string' ? $ref.split('/').at(-1) : undefined
}

/** What else a schema asks for. */
export function limits({ minimum, maximum, maxLength, pattern }: JsonSchema): Html | string {
  const said = [
    ...(typeof minimum === 'number' && minimum > 0 ? [`At least ${minimum}`] : []),
    ...(typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? [`At most ${maximum}`] : []),
    ...(typeof maxLength === 'number' ? [`At most ${maxLength} characters`] : []),
  ]
  const rule = typeof pattern === 'string' ? html` <code>${pattern}</code>` : ''
  return html`${said.length === 0 ? '' : html` <span class="faint">${said.join('. ')}.</span>`}${rule}`
}

/** An example of what a schema describes. */
export function example({ examples }: JsonSchema): Html | string {
  const [first] = Array.isArray(examples) ? (examples as unknown[]) : []
  return first === undefined
    ? ''
    : html` <span class="faint">Example: <code>${JSON.stringify(first)}</code></span>`
}

function nested(items: JsonSchema): Html | string {
  return nameOfReference(items) === undefined ? schemaFields(items) : ''
}
