import { eventType, type Event } from '../../../protocol/event.ts'
import type { StoredEvent } from '../../catalog/events.ts'

const FAILURES: ReadonlySet<string> = new Set(['load-failed', 'transfer-failed', 'restarted-while-loading'])

/** An event as it is told. What was concluded about a process stands in `data.kind`. */
export function presentEvent({ sequence, at, kind, model, tag, bot, process, body }: StoredEvent): Event {
  const known = eventType.safeParse(kind)
  const type = known.success ? known.data : FAILURES.has(kind) ? 'load.failed' : 'bot.changed'
  const data = known.success ? body : { kind, ...body }
  return { id: sequence, at: new Date(at).toISOString(), type, model, tag, bot, process, data }
}
