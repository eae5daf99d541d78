import { readableTime } from '../../protocol/readable-time.ts'
import type { CatalogReader } from '../catalog/catalog.ts'
import type { Tag } from './tag.ts'
import type { TagWarning } from './warn-of-older-rasa.ts'

/**
 * Warns of a rollback that names no release where it leads to another one than its sender may think: the bad release was taken back already,
 * by whomever, so that this goes one further; or a release is passed over that not all bots were seen running.
 *
 * @param tag As it is before the rollback.
 * @param to Where the rollback leads.
 */
export async function warnOfRollback(
  catalog: Pick<CatalogReader, 'listRollouts'>,
  { model, tag, release: current }: Pick<Tag, 'model' | 'tag' | 'release'>,
  to: number,
): Promise<TagWarning | undefined> {
  const [last, before] = await catalog.listRollouts(model, tag, { limit: 2 })
  if (last === undefined || current === to) return undefined
  const where = `${model}@${tag}`
  if (before !== undefined && passesOver(last, before, to)) {
    const message = `${where}: release ${before.to.release} is passed over, as not all bots were seen running it: this goes back to release ${to}`
    return { code: 'passed-over', message }
  }
  const done = whatWasTakenBack(last, current)
  if (done === undefined) return undefined
  const message = `${where}: ${done}: this goes one release further back, to ${to} (slipway rollback ${where} ${current} undoes it)`
  return { code: 'further-back', message }
}

type Rollout = Awaited<ReturnType<CatalogReader['listRollouts']>>[number]

/** Whether a rollback aborts a rollout that had replaced another one, of which it kept what to go back to. */
function passesOver(last: Rollout, before: Rollout, to: number): boolean {
  const isAborted = (last.state === 'running' || last.state === 'paused') && last.from?.release === to
  return (
    isAborted &&
    before.state === 'replaced' &&
    before.from?.release === to &&
    before.to.release !== last.to.release
  )
}

/** What brought the bots to `current` already, or does so now: the last that happened to the tag; undefined where it was something else. */
function whatWasTakenBack(
  { state, from, to, isRollback, endedAt }: Rollout,
  current: number,
): string | undefined {
  const at = endedAt === null ? '' : `, at ${readableTime(new Date(endedAt).toISOString())}`
  if (from?.release === current) {
    if (state === 'reverting')
      return `release ${to.release} is being taken back to release ${current} already`
    if (state === 'reverted' || state === 'aborted')
      return `release ${to.release} was taken back to release ${current} already${at}`
  }
  if (isRollback !== true || to.release !== current || from === null) return undefined
  if (state === 'running' || state === 'paused')
    return `it is being rolled back from release ${from.release} to ${current} already, and the bots are still on their way`
  return state === 'done'
    ? `it was rolled back from release ${from.release} to ${current} already${at}`
    : undefined
}
