import { eventType, type Event, type EventType } from '../../protocol/event.ts'
import type { StoredEvent } from '../catalog/events.ts'

const FAILURES: ReadonlySet<string> = new Set(['load-failed', 'transfer-failed', 'restarted-while-loading'])

/** An event as it is told. What was concluded about a process stands in `data.kind`. */
export function presentEvent({ sequence, at, kind, model, tag, bot, process, body }: StoredEvent): Event {
  const type = eventTypeOf(kind)
  const data = type === kind ? body : { kind, ...body }
  return { id: sequence, at: new Date(at).toISOString(), type, model, tag, bot, process, data }
}

/** The type under which an event of some kind is told: conclusions about processes have few types and many kinds. */
export function eventTypeOf(kind: string): EventType {
  const known = eventType.safeParse(kind)
  if (known.success) return known.data
  return FAILURES.has(kind) ? 'load.failed' : 'bot.changed'
}
