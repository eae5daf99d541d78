import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventReader, StoredEvent } from '../../catalog/events.ts'
import type { CanSee } from '../access/rights.ts'

/** A list of a million events, of which somebody may see none, is looked through in several requests. */
const MOST_READS = 20

/**
 * One page of the events that somebody may see.
 *
 * @param after The sequence number that they come behind.
 * @returns `next`: where to go on; null: there is nothing more.
 */
export async function readVisibleEvents(
  events: EventReader,
  after: number,
  limit: number,
  canSee: CanSee,
): Promise<{ items: StoredEvent[]; next: number | null }> {
  const items: StoredEvent[] = []
  let position = after
  for (let read = 0; read < MOST_READS; read++) {
    const found = await events.listEventsAfter(position, limit + 1)
    for (const event of found) {
      if (items.length === limit) return { items, next: position }
      if (canSee(event.model)) items.push(event)
      position = event.sequence
    }
    if (found.length <= limit) return { items, next: null }
    await nextTurn()
  }
  return { items, next: position }
}
