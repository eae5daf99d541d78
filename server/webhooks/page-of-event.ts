import type { ToldEvent } from './webhook.ts'

/**
 * The page of the dashboard that shows what an event is about.
 *
 * @param publicUrl Where people reach this server, ending in a slash.
 */
export function pageOfEvent(publicUrl: string, _event: Pick<ToldEvent, 'model' | 'type'>): string {
  return publicUrl
}
