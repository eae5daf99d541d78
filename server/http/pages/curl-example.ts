import type { JsonSchema } from '../openapi/json-schemas.ts'
import type { OpenApiDocument, OperationObject } from '../openapi/document-objects.ts'
import { exampleOf } from './example.ts'

/** A command of curl that makes a request of this kind, with the examples of its parts. */
export function curlExample(
  { components }: OpenApiDocument,
  { method, path, operation }: { method: string; path: string; operation: OperationObject },
): string {
  const { parameters, requestBody, security } = operation
  const address = parameters
    .filter(({ in: where }) => where === 'path')
    .reduce((text, { name, schema }) => text.replace(`{${name}}`, textOf(schema)), path)
  const query = parameters
    .filter(({ in: where, required }) => where === 'query' && required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(textOf(schema))}`)
  const url = `"$SLIPWAY_URL${address}${query.length === 0 ? '' : `?${query.join('&')}`}"`
  const isArchive = requestBody?.content['application/gzip'] !== undefined
  const json = requestBody?.content['application/json']
  return [
    'curl --fail-with-body',
    ...(method === 'head' ? ['--head'] : []),
    ...(['get', 'head'].includes(method) || isArchive ? [] : [`--request ${method.toUpperCase()}`]),
    ...(security.length === 0 ? [] : ['--header "Authorization: Bearer $SLIPWAY_TOKEN"']),
    ...(isArchive ? ['--data-binary @model.tar.gz'] : []),
    ...(json === undefined
      ? []
      : [
          '--header "Content-Type: application/json"',
          `--data '${JSON.stringify(exampleOf(json.schema, components.schemas))}'`,
        ]),
    ...(isDownload(operation) ? ['--output model.tar.gz'] : []),
    url,
  ].join(' \\\n  ')
}

function textOf(schema: JsonSchema): string {
  const [first] = Array.isArray(schema['examples']) ? (schema['examples'] as unknown[]) : []
  return typeof first === 'string' || typeof first === 'number' ? first.toString() : '1'
}

function isDownload({ responses }: OperationObject): boolean {
  return responses['200']?.content?.['application/gzip'] !== undefined
}
