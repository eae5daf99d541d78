/** What goes wrong around a fleet. None of it is the release's doing. */
export const FAULTS = [
  'transfers are cut',
  'transfers are slow',
  'a transfer takes longer than 300 s',
  'the server restarts',
  'the server restarts often',
  'bots crash now and then',
  'bots crash while they load',
  'bots are rescheduled elsewhere',
  'a bot goes for good',
  'bots are added',
  'polls get lost',
  'polls come twice',
  'polls are late',
  'loads are slow',
  'a load fails once',
  'a proxy weakens entity tags',
  'a proxy takes entity tags away',
  'a proxy buffers archives',
  'all bots share one address',
  'all bots share one name',
] as const

/** What goes wrong besides where several servers answer. */
export const GROUP_FAULTS = [
  'a server is cut off from its database',
  'transactions of a server fail',
  'a server sleeps',
] as const

/** @see FAULTS @see GROUP_FAULTS */
export type Fault = (typeof FAULTS)[number] | (typeof GROUP_FAULTS)[number]

/** What a release does to a bot that loads it. */
export type Quality = 'good' | 'broken' | 'crashing' | 'hanging'
