import type { Endpoint } from '../api/endpoint.ts'
import { operationOf, type Operation } from './operation.ts'
import { operateOperations } from './operate-operations.ts'
import { publishOperation } from './publish-operation.ts'
import { pullOperations } from './pull-operations.ts'

/** Everything that the server answers, in the order in which people look for it. */
export function allOperations(endpoints: readonly Endpoint[]): Operation[] {
  return [...pullOperations(), publishOperation, ...endpoints.map(operationOf), ...operateOperations]
}
