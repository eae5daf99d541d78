import type { ArchiveFacts, ArchiveWarning } from '../archive-facts.ts'

/** A bot that loads half a model acknowledges it and looks healthy, yet cannot hold a conversation. */
export function trainingWarnings(type: ArchiveFacts['trainingType']): ArchiveWarning[] {
  if (type === 'nlu') return [NLU_ONLY]
  if (type === 'core') return [CORE_ONLY]
  return []
}

const NLU_ONLY: ArchiveWarning = {
  code: 'nlu-only',
  message: 'only NLU was trained: a bot understands messages with this model, but answers none',
}

const CORE_ONLY: ArchiveWarning = {
  code: 'core-only',
  message: 'only Core was trained: a bot understands no text with this model, only messages like /greet',
}
