import { readableTime } from '../../protocol/readable-time.ts'
import type { CatalogReader } from '../catalog/catalog.ts'
import type { Tag } from './tag.ts'
import type { TagWarning } from './tag-warning.ts'

/** The tag before a rollback that names no release, and where that leads. */
interface Led extends Pick<Tag, 'model' | 'tag' | 'release'> {
  readonly to: number
}

/** What is looked at of a rollout. */
type Rollout = Awaited<ReturnType<CatalogReader['listRollouts']>>[number]

/**
 * Warns of a rollback that names no release where it leads to another one than its sender may think.
 *
 * @param tag As it is before the rollback.
 * @param to Where the rollback leads.
 */
export async function warnOfRollback(
  catalog: Pick<CatalogReader, 'listRollouts'>,
  { model, tag, release }: Pick<Tag, 'model' | 'tag' | 'release'>,
  to: number,
): Promise<TagWarning | undefined> {
  const [last, before] = await catalog.listRollouts(model, tag, { limit: 2 })
  return rollbackWarning({ model, tag, release, to }, last, before)
}

/**
 * The same, of what is known:
 *
 * - `passed-over`: it goes beyond a release that not all bots were seen running, or that somebody was taking back.
 * - `undoes-rollback`: the last that happened was a rollback from the release that this one leads to.
 * - `further-back`: the release before was taken back or rolled back already, by whomever, so that this goes one further.
 *
 * @param last The last rollout of the tag; undefined: there was none.
 * @param before The one before that.
 */
export function rollbackWarning(
  led: Led,
  last: Rollout | undefined,
  before: Rollout | undefined,
): TagWarning | undefined {
  const { model, tag, release: current, to } = led
  if (last === undefined || current === to) return undefined
  const where = `${model}@${tag}`
  const undo = `slipway rollback ${where} ${current} undoes it`
  if (before !== undefined && passesOver(last, before, to)) {
    const why = before.goal === null ? 'not all bots were seen running it' : 'it was being taken back'
    const message = `${where}: release ${before.to.release} is passed over, as ${why}: this goes back to release ${to}`
    return { code: 'passed-over', message }
  }
  const rolledBack = asRollback(last, current)
  if (rolledBack !== undefined && last.from?.release === to) {
    const message = `${where}: ${rolledBack}: this undoes that, and goes to release ${to} again (${undo})`
    return { code: 'undoes-rollback', message }
  }
  const done = rolledBack ?? asTakenBack(last, led)
  if (done === undefined) return undefined
  return {
    code: 'further-back',
    message: `${where}: ${done}: this goes one release further back, to ${to} (${undo})`,
  }
}

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

/** The rollback that brought the bots to `current`, or does so now, in words; undefined where the last rollout is none. */
function asRollback({ state, from, to, isRollback, endedAt }: Rollout, current: number): string | undefined {
  if (isRollback !== true || to.release !== current || from === null) return undefined
  if (state === 'running')
    return `it is being rolled back from release ${from.release} to ${current} already, and the bots are still on their way`
  if (state === 'paused')
    return `the rollback from release ${from.release} to ${current} is paused, so that bots may still run ${from.release}`
  return state === 'done'
    ? `it was rolled back from release ${from.release} to ${current} already${at(endedAt)}`
    : undefined
}

/**
 * The release that was taken back to `current`, or is now, in words; undefined where none was. A rollback that came to nothing took no bad
 * release back: the bots are on the one that somebody wanted to leave, and the next rollback leaves it.
 */
function asTakenBack(
  { state, from, to, isRollback, endedAt }: Rollout,
  { release: current, to: target }: Led,
): string | undefined {
  if (from?.release !== current || to.release === target || isRollback === true) return undefined
  if (state === 'reverting') return `release ${to.release} is being taken back to release ${current} already`
  if (state !== 'reverted' && state !== 'aborted') return undefined
  return `release ${to.release} was taken back to release ${current} already${at(endedAt)}`
}

function at(time: number | null): string {
  return time === null ? '' : `, at ${readableTime(new Date(time).toISOString())}`
}
