import { shownText } from '../../protocol/shown-text.ts'
import type { ToldEvent } from './webhook.ts'

/** An event in one sentence for people. What came from elsewhere (names of bots, reasons) is made safe to show. */
export function describeEvent(event: ToldEvent): string {
  return shownText(`${sentence(event)}.`, 1000).replace(/\.{2,}$/, '.')
}

function sentence({ type, model, tag, bot, data }: ToldEvent): string {
  const where = model === null ? 'Slipway' : tag === null ? model : `${model}@${tag}`
  const because = typeof data['reason'] === 'string' ? `: ${data['reason']}` : ''
  switch (type) {
    case 'release.published':
      return `${where}: release ${text(data['release'])} was published by ${text(data['publishedBy'])}`
    case 'tag.moved':
      return `${where} ${movement(data)}, by ${text(data['movedBy'])}${because}`
    case 'rollout.changed':
      return `${where}: the rollout of release ${text(data['to'])} ${progress(data)}${because}`
    case 'load.failed':
      return `${where}: ${text(bot)} ${failure(data)}${because}`
    case 'bot.changed':
      return `${where}: ${text(bot)} ${change(data)}`
    case 'model.deleted':
      return `${where} was deleted with its ${text(data['releases'])} releases, by ${text(data['deletedBy'])}`
    case 'webhook.test':
      return 'This is a test of a webhook of Slipway: it works, and nothing has happened'
    case 'blob.damaged':
      return `The stored archive ${text(data['digest']).slice(0, 12)} is damaged or missing: slipway verify names its releases`
  }
}

function movement({ from, to }: ToldEvent['data']): string {
  if (to === null) return `was deleted (it pointed at release ${text(from)})`
  return from === null
    ? `was created and points at release ${text(to)}`
    : `moved from release ${text(from)} to release ${text(to)}`
}

function progress({ state, step, stepState, began, startedBy }: ToldEvent['data']): string {
  switch (state) {
    case 'running':
      if (began === true) return `has begun, by ${text(startedBy)}`
      if (stepState === 'inconclusive') return `waits in step ${Number(step) + 1}`
      return typeof step === 'number' && (step > 0 || began === false)
        ? `is at step ${step + 1}`
        : 'has begun'
    case 'done':
      return stepState === 'inconclusive' ? 'has ended' : 'is done'
    case 'paused':
      return 'is paused and waits for a person'
    case 'reverting':
      return 'is being taken back'
    case 'reverted':
      return 'was taken back'
    case 'replaced':
      return 'was replaced by another'
    default:
      return `is ${text(state)}`
  }
}

function failure({ kind, release }: ToldEvent['data']): string {
  const which = `release ${text(release)}`
  switch (kind) {
    case 'transfer-failed':
      return `could not fetch ${which}`
    case 'restarted-while-loading':
      return `restarted while it loaded ${which}`
    default:
      return `could not load ${which}`
  }
}

function change({ kind, release }: ToldEvent['data']): string {
  switch (kind) {
    case 'first-seen':
      // Of a process: a bot that was restarted polled before.
      return 'began to poll'
    case 'loaded':
      return `loaded release ${text(release)}`
    case 'runs':
      return 'runs something that it was not offered here'
    case 'lost':
      return 'is lost: it does not poll any more'
    case 'heard-again':
      return 'polls again'
    default:
      return text(kind).replaceAll('-', ' ')
  }
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown'
}
