import type { EventType } from '../../protocol/event.ts'

/** What each type of event tells, for whoever chooses some. */
export const EVENT_WORDS: Readonly<Record<EventType, string>> = {
  'release.published': 'a release was published',
  'tag.moved': 'a tag moved, or was taken back',
  'rollout.changed': 'a rollout went on, stood still or ended',
  'blob.damaged': 'a stored archive is damaged',
  'model.deleted': 'a model was deleted',
  'load.failed': 'a bot could not load a release: one for each bot',
  'bot.changed': 'a bot loaded, went silent or came back: one for each bot',
}

/** Those that are few enough for a channel that people read. */
export const CALM_EVENTS: readonly EventType[] = [
  'release.published',
  'tag.moved',
  'rollout.changed',
  'blob.damaged',
  'model.deleted',
]
