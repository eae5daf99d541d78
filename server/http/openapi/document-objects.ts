import type { JsonSchema } from './json-schemas.ts'

/** An OpenAPI 3.1 document, as far as it is looked into here. */
export interface OpenApiDocument {
  openapi: '3.1.1'
  info: { title: string; version: string; summary: string; description: string; license: object }
  servers: { url: string; description: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, OperationObject>>
  components: {
    schemas: Record<string, JsonSchema>
    headers: Record<string, object>
    securitySchemes: Record<string, object>
  }
}

/** An operation of the document. */
export interface OperationObject {
  operationId: string
  tags: string[]
  summary: string
  description?: string | undefined
  security: Record<string, string[]>[]
  /** What a token must allow; absent: none is asked for. */
  'x-slipway-permission'?: string
  parameters: ParameterObject[]
  requestBody?: { required: boolean; description?: string | undefined; content: Content }
  responses: Record<string, ReplyObject>
}

/** A parameter of the document. */
export interface ParameterObject {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description: string
  schema: JsonSchema
}

/** An answer of the document. */
export interface ReplyObject {
  description: string
  headers?: Record<string, object>
  content?: Content
}

export type Content = Record<string, { schema: JsonSchema }>
