import type { ToldEvent } from '../../server/webhooks/webhook.ts'

/** An event as webhooks tell it: a tag that moved, unless said otherwise. */
export function anEvent(differences: Partial<ToldEvent> = {}): ToldEvent {
  return {
    id: 7,
    at: '2026-11-26T04:00:00.000Z',
    type: 'tag.moved',
    model: 'shop',
    tag: 'production',
    bot: null,
    process: null,
    data: { from: 7, to: 8, movedBy: 'ci', reason: null },
    ...differences,
  }
}
