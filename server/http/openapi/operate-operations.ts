import { z } from 'zod'
import { readinessSchema } from '../../../protocol/readiness.ts'
import type { Operation } from './operation.ts'

const text = (description: string, example: string) => z.string().meta({ description, example })

function operate(
  path: string,
  id: string,
  summary: string,
  reply: Operation['replies'][number],
  more: Partial<Operation> = {},
): Operation {
  const common = { method: 'GET', section: 'Operate', access: 'open', fields: [], problems: [] } as const
  return { ...common, path, id, summary, replies: { 200: reply }, ...more }
}

/** What is answered to probes, to monitoring, and to people who look around. */
export const operateOperations: readonly Operation[] = [
  operate('/livez', 'isAlive', 'Ask whether the server runs', {
    description: 'It runs.',
    mediaType: 'text/plain',
    schema: text('Nothing else.', 'ok\n'),
  }),
  operate(
    '/readyz',
    'isReady',
    'Ask whether the server can do its work',
    { description: 'Pulls are answered; the body says whether changes are taken.', schema: readinessSchema },
    {
      problems: ['shutting-down'],
      description:
        'It needs no model. 503 while the server shuts down. Where catalog or storage take no changes, or another server owns the bucket, pulls go on: 200, with `writes` false.',
    },
  ),
  operate(
    '/metrics',
    'readMetrics',
    'Read the metrics',
    {
      description: 'The text format of Prometheus; every name begins with `slipway_`.',
      mediaType: 'text/plain',
      schema: text('Samples, one a line.', 'slipway_models 2\n'),
    },
    { access: 'read' },
  ),
  operate('/openapi.json', 'readDescription', 'Read this description', {
    description: 'An OpenAPI 3.1 document.',
    schema: z.record(z.string(), z.unknown()).meta({ description: 'The document.' }),
  }),
  operate('/docs', 'showDescription', 'Show this description to people', {
    description: 'A page without scripts.',
    mediaType: 'text/html',
    schema: text('The page.', '<!doctype html>'),
  }),
  operate('/', 'showServer', 'Show that a Slipway is here', {
    description: 'A page that links to the description.',
    mediaType: 'text/html',
    schema: text('The page.', '<!doctype html>'),
  }),
]
