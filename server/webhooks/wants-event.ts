import type { Event } from '../../protocol/event.ts'
import type { Webhook } from './webhook.ts'

/** Whether an event is to be sent to a webhook. What belongs to no model concerns every model. */
export function wantsEvent(
  { enabled, events, models }: Pick<Webhook, 'enabled' | 'events' | 'models'>,
  { type, model }: Pick<Event, 'type' | 'model'>,
): boolean {
  return enabled && events.includes(type) && (models === null || model === null || models.includes(model))
}
