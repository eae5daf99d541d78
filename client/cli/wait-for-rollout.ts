import type { RolloutSummary } from '../../protocol/rollout.ts'
import { isLeftAlone } from '../../protocol/is-left-alone.ts'
import { shownText } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import type { KnownTag } from '../api/known-schemas.ts'
import { listBots, readBot } from '../api/bots.ts'
import { readHoldUp } from '../api/read-hold-up.ts'
import { listRollouts } from '../api/rollouts.ts'
import { PullFailure } from '../failure.ts'
import { pause } from '../timing/pause.ts'
import { describeCounts, describeProgress } from './describe-rollout.ts'
import { EXIT } from './exit-code.ts'
import { describeSilentProcess } from './silent-process.ts'

/** Between two looks, in milliseconds. */
const PACE = 2_000

/** A server that answers no look for so many milliseconds is away. */
const LONG_SILENCE = 2 * PACE

/** How long the look at the end of the time may take, in milliseconds. */
const LAST_LOOK = 1_000

/** Milliseconds. Node takes a longer timer for one of 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Begun since, so many rollouts of one tag are looked through for the one that is waited for. */
const MOST_SINCE = 20

/** Without a change for so many milliseconds a person asks what is waited for. */
const STUCK_AFTER = 60_000

/** So many bots are looked at then. */
const MOST_LOOKED_AT = 20

/** How a wait ended. */
export interface WaitEnd {
  code: number
  /** One sentence that says why. */
  sentence: string
  /** The rollout as it was seen last; undefined where there was none to wait for. */
  rollout?: RolloutSummary | undefined
}

/** What is waited for. */
export interface Wait {
  /** The tag as it was after the promotion. */
  tag: KnownTag
  /** The release that the bots shall run in the end. */
  release: number
  /** Milliseconds. */
  atMost: number
  signal: AbortSignal
  /** Told how far it is, each time that it has changed. */
  onProgress: (line: string) => void
}

/** Waits until the bots run a release, or it is clear that they will not. A server that is away is waited for, too. */
export async function waitForRollout(
  client: ApiClient,
  { tag, release, atMost, signal, onProgress }: Wait,
): Promise<WaitEnd> {
  const deadline = performance.now() + atMost
  // What is tried again for longer would have whoever waits wait for longer, too; the last look, when the time is over, has a second more.
  const late = AbortSignal.timeout(Math.ceil(Math.min(atMost + LAST_LOOK, LONGEST_TIMER)))
  const inTime = client.until(late)
  let heardAt = performance.now()
  let seen: RolloutSummary | undefined
  let told: string | undefined
  let changedAt = performance.now()
  const tell = (line: string): void => {
    if (line === told) return
    onProgress(line)
    told = line
    changedAt = performance.now()
  }
  for (;;) {
    try {
      seen = await findRollout(inTime, tag, release)
      heardAt = performance.now()
      if (seen === undefined)
        return { code: EXIT.done, sentence: `${nameOf(tag)} has no rollout to wait for` }
      const end = endOf(seen, release)
      if (end !== undefined) return { ...end, rollout: seen }
      tell(describeProgress(seen))
      if (performance.now() - changedAt >= STUCK_AFTER) {
        // Told once; what is said next is how far it is.
        changedAt = Infinity
        const silent = await findSilentProcess(inTime, seen).catch(() => undefined)
        signal.throwIfAborted()
        if (silent !== undefined) onProgress(silent)
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!late.aborted) {
        if (!(error instanceof PullFailure) || error.kind !== 'source') throw error
        tell(error.message)
      }
    }
    const left = deadline - performance.now()
    if (late.aborted || left <= 0) {
      const silence = performance.now() - heardAt
      const holdUp =
        seen !== undefined && silence < LONG_SILENCE
          ? await readHoldUp(client, seen, { atMost: LAST_LOOK })
          : undefined
      return {
        code: EXIT.late,
        sentence: lateSentence(tag, seen, { atMost, silence, holdUp }),
        rollout: seen,
      }
    }
    await pause(Math.min(PACE, left), signal)
    signal.throwIfAborted()
  }
}

/** Which bot is waited for although it runs the release; undefined where it is another reason, or nobody could say. */
async function findSilentProcess(
  client: ApiClient,
  { model, tag, to }: RolloutSummary,
): Promise<string | undefined> {
  const bots = await listBots(client, { model, tag }, MOST_LOOKED_AT)
  const several = bots.filter(({ processes }) => processes > 1)
  const details = await Promise.all(several.map(({ bot }) => readBot(client, model, bot)))
  const now = Math.max(...bots.map(({ lastSeen }) => Date.parse(lastSeen)))
  return describeSilentProcess(details, to, now)
}

/**
 * The rollout that a tag named; where it named none, the last one that it had. Where it was replaced by one that leads to the same release, as
 * somebody hastened a rollback, it is that one.
 */
async function findRollout(
  client: ApiClient,
  { model, tag, rollout }: KnownTag,
  release: number,
): Promise<RolloutSummary | undefined> {
  if (rollout == null) return (await listRollouts(client, model, tag, 1))[0]
  const rollouts = await listRollouts(client, model, tag, MOST_SINCE)
  let place = rollouts.findIndex(({ id }) => id === rollout.id)
  while (rollouts[place]?.state === 'replaced' && rollouts[place - 1]?.to === release) place--
  const found = rollouts[place]
  if (found !== undefined) return found
  throw new PullFailure('not-found', `rollout ${rollout.id} of ${model}@${tag} no longer exists`)
}

/**
 * How a rollout ended, seen from who wants the bots to run a release; undefined while it goes on. What goes back already
 * will not bring the new one.
 */
function endOf(rollout: RolloutSummary, release: number): Pick<WaitEnd, 'code' | 'sentence'> | undefined {
  const { state, from, to, reason } = rollout
  const why = reason ?? state
  const back = from === null ? '' : ` to release ${from}`
  switch (state) {
    case 'running':
      return undefined
    case 'done':
      return isRunByAll(rollout)
        ? { code: EXIT.done, sentence: describeCounts(rollout) }
        : {
            code: EXIT.failed,
            sentence: `not all bots run release ${to}, ${describeCounts(rollout)}: ${why}`,
          }
    case 'reverting':
      return to === release
        ? { code: EXIT.failed, sentence: `release ${to} is being taken back${back}: ${why}` }
        : undefined
    case 'reverted':
    case 'aborted':
      return to === release
        ? { code: EXIT.failed, sentence: `release ${to} was taken back${back}: ${why}` }
        : { code: EXIT.done, sentence: `release ${to} was taken back: ${why}` }
    case 'paused':
      return { code: EXIT.failed, sentence: `the rollout of release ${to} is paused: ${why}` }
    case 'replaced':
      return { code: EXIT.failed, sentence: `the rollout of release ${to} had not ended: ${why}` }
  }
}

/** Whether the last step passed and left no bot without the release; one that is lost says nothing, unless there is no other. */
function isRunByAll({ steps, counts }: RolloutSummary): boolean {
  const { bots, updated, failing, loading, waiting } = counts
  const isRun = bots === 0 || updated > 0
  return steps.at(-1)?.state === 'passed' && isRun && failing + loading + waiting === 0
}

/**
 * @param late.silence For how long the server has not answered, in milliseconds.
 * @param late.holdUp See {@link readHoldUp}.
 */
function lateSentence(
  tag: KnownTag,
  rollout: RolloutSummary | undefined,
  { atMost, silence, holdUp }: { atMost: number; silence: number; holdUp: string | undefined },
): string {
  const where = rollout === undefined ? 'nothing was heard of it' : describeProgress(rollout)
  const waited = `after ${atMost / 1000} s`
  const look = `slipway rollout ${nameOf(tag)}`
  if (silence < LONG_SILENCE) {
    if (holdUp !== undefined) return `${waited} it is not over (${where}), see ${look}: ${holdUp}`
    const goesOn = rollout === undefined || !isLeftAlone(rollout) ? 'it goes on by itself, see' : 'see'
    return `${waited} it is not over (${where}); ${goesOn} ${look}`
  }
  return `${waited} it is not known whether it is over: the server could not be asked for ${Math.round(silence / 1000)} s (before: ${where}); when it answers again, see ${look}`
}

function nameOf({ model, tag }: KnownTag): string {
  return shownText(`${model}@${tag}`)
}
