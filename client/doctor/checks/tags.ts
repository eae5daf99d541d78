import { digestInTag } from '../../http/received-tag.ts'
import { newProcessName } from '../../../protocol/process-name.ts'
import type { DoctorContext } from '../doctor-context.ts'
import type { Verdict } from '../finding.ts'
import { askForEcho } from './echo.ts'
import { judgeCondition } from '../rules/judge-condition.ts'
import { isFromCache, judgeTags } from '../rules/judge-tags.ts'

/**
 * Looks at the entity tags that two processes get, and whether the first one is left alone once it sends its tag back.
 * At a Slipway only HEAD carries the name of a process, so that its fleet does not see bots that are none.
 */
export async function checkTags(context: DoctorContext): Promise<Verdict[]> {
  const processes = [newProcessName(), newProcessName()] as const
  const fields = [await fieldsFor(context, processes[0]), await fieldsFor(context, processes[1])] as const
  const [first, second] = [fields[0]['etag'], fields[1]['etag']]
  const { isSlipway } = context
  const tags = judgeTags({ tags: [first, second], processes, isSlipway, fromCache: fields.some(isFromCache) })
  if (first === undefined || first === '') return [tags]
  const digest = digestInTag(first)
  const plain = isSlipway && digest !== undefined ? `"${digest}"` : first
  const head = await statusOf(context, 'HEAD', first)
  const get = await statusOf(context, 'GET', plain)
  const condition = judgeCondition({ sent: first, head, get, arrived: await arrivedOf(context, first) })
  return [tags, condition]
}

async function fieldsFor(
  context: DoctorContext,
  process: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  const reply = await context.ask({ method: context.isSlipway ? 'HEAD' : 'GET', condition: process })
  reply.close()
  return reply.headers
}

async function statusOf(
  context: DoctorContext,
  method: 'HEAD' | 'GET',
  condition: string,
): Promise<number | undefined> {
  // Other servers need not know HEAD; Rasa never sends it.
  if (method === 'HEAD' && !context.isSlipway) return undefined
  const reply = await context.ask({ method, condition })
  reply.close()
  return reply.status
}

/** What arrives as `If-None-Match`; undefined where the server does not tell. */
async function arrivedOf(context: DoctorContext, condition: string): Promise<string | null | undefined> {
  if (context.echo === undefined) return undefined
  const echo = await askForEcho(context, {}, condition)
  return echo && (echo.fields['if-none-match'] ?? null)
}
