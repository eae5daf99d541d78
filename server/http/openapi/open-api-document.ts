import { problemSchema } from '../../../protocol/problem.ts'
import type { OpenApiDocument, OperationObject } from './document-objects.ts'
import { JsonSchemas } from './json-schemas.ts'
import { SECTIONS, type Operation } from './operation.ts'
import { describeParameters } from './parameters.ts'
import { describeProblems } from './problem-replies.ts'
import { describeReply } from './replies.ts'
import { headerObjects } from './response-fields.ts'
import { SECURITY_SCHEMES, securityOf } from './security.ts'

const DESCRIPTION = `Slipway keeps trained Rasa archives, serves them to polling bots, and rolls them back.

**Tokens.** A token allows some of \`pull\`, \`read\`, \`publish\`, \`promote\`, \`manage\` and \`admin\`, limited to models and tags: \`promote:*@staging\`. What each operation needs stands as \`x-slipway-permission\`; a refusal says in \`needs\` what was lacking. Of the tokens in the settings, the publish token allows everything, the pull token \`pull\`. A server on loopback that has no tokens asks for none.

**Refusals and failures** are problems (RFC 9457) with a stable \`code\`. An address answers 404 where there is nothing, and 405 with \`Allow\` to methods that it does not take. HEAD answers as GET does, without content.

**Lists** are pages, newest first: send \`next\` of one page as \`cursor\` to get the one after it. New fields may be added to answers at any time.`

/** Writes down the API: every operation, every schema, every problem. */
export function describeApi(operations: readonly Operation[], version: string): OpenApiDocument {
  // Once to learn which schemas are both sent and answered, once to name them by that.
  const scout = new JsonSchemas(new Set())
  describePaths(operations, scout)
  const schemas = new JsonSchemas(scout.sharedIds())
  schemas.add(problemSchema, 'reply')
  const paths = describePaths(operations, schemas)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Slipway',
      version,
      summary: 'A model repository for Rasa.',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The server that this document came from.' }],
    tags: Object.entries(SECTIONS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      headers: headerObjects(),
      securitySchemes: SECURITY_SCHEMES,
    },
  }
}

function describePaths(operations: readonly Operation[], schemas: JsonSchemas): OpenApiDocument['paths'] {
  const paths: OpenApiDocument['paths'] = {}
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {})
    path[operation.method.toLowerCase()] = describeOperation(operation, schemas)
  }
  return paths
}

function describeOperation(operation: Operation, schemas: JsonSchemas): OperationObject {
  const { id, section, summary, description, body, replies } = operation
  return {
    operationId: id,
    tags: [section],
    summary,
    ...(description === undefined ? {} : { description }),
    security: securityOf(operation),
    ...(operation.access === 'open' ? {} : { 'x-slipway-permission': operation.access }),
    parameters: describeParameters(operation, schemas),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.required,
            ...(body.description === undefined ? {} : { description: body.description }),
            content: Object.fromEntries(
              Object.entries(body.content).map(([mediaType, schema]) => [
                mediaType,
                { schema: schemas.add(schema, 'request') },
              ]),
            ),
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(replies).map(([status, reply]) => [
          status,
          describeReply(reply, Number(status), operation, schemas),
        ]),
      ),
      ...describeProblems(operation),
    },
  }
}
