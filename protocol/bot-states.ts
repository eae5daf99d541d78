/** What processes and bots do, the worst first: a bot is in the worst state of its processes. */
export const BOT_STATES = [
  'failing',
  'lost',
  'loading',
  'draining',
  'waiting',
  'starting',
  'running',
] as const

/** @see BOT_STATES */
export type BotState = (typeof BOT_STATES)[number]
