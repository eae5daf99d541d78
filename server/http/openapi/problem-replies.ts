import { PROBLEMS, type ProblemCode } from '../../../protocol/problem-table.ts'
import { PROBLEM_MEDIA_TYPE } from '../../../protocol/problem.ts'
import type { JsonSchema } from './json-schemas.ts'
import type { ReplyObject } from './document-objects.ts'
import { allProblems, type Operation } from './operation.ts'
import { headerReferences } from './replies.ts'
import type { ResponseFieldName } from './response-fields.ts'

/** Fields that come with problems of a status, besides those that every problem has. */
const FIELDS: Readonly<Record<number, readonly ResponseFieldName[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  416: ['Content-Range'],
  429: ['Retry-After'],
  503: ['Retry-After'],
  507: ['Retry-After'],
}

/** The problems that an operation may answer with, by status, each with its codes. */
export function describeProblems(operation: Operation): Record<string, ReplyObject> {
  const byStatus = Map.groupBy(allProblems(operation), (code) => PROBLEMS[code].status)
  const sorted = [...byStatus].sort(([one], [other]) => one - other)
  return Object.fromEntries(
    sorted.map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
        headers: headerReferences(['X-Request-Id', ...(FIELDS[status] ?? [])]),
        ...(operation.method === 'HEAD'
          ? {}
          : { content: { [PROBLEM_MEDIA_TYPE]: { schema: problemWith(status, codes) } } }),
      },
    ]),
  )
}

function problemWith(status: number, codes: readonly ProblemCode[]): JsonSchema {
  return {
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    properties: { status: { const: status }, code: { enum: codes } },
  }
}
