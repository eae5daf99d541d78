import { isLeftAlone } from '../../protocol/is-left-alone.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'

const GO_ON = ['advance', 'go on all the same: to the next step, or to the end after the last one'] as const
const GO_ON_WITHOUT = [
  'advance',
  'go on without the bots that failed: to the next step, or to the end after the last one',
] as const
const TRY_AGAIN = ['retry', 'forget failures, and offer the release again in this step'] as const
const CONTINUE = ['resume', 'continue where it was paused'] as const
const WAIT_ON = [
  'resume',
  'wait once more, for a whole deadline; where its bots are gone, or were lost before their turn, for others',
] as const

type Waiting = Pick<RolloutSummary, 'model' | 'tag' | 'from' | 'state' | 'step' | 'steps' | 'counts'>

/** Whether nothing more is expected of the bots of the step under way until its deadline. */
function waitsUntilDeadline(rollout: Waiting): boolean {
  return rollout.state === 'running' && isLeftAlone(rollout)
}

/**
 * What a person can do with a rollout that waits for one, in a line each; none where it does not. Where bots failed `resume` is
 * not among it: they are not offered the release again by it, so that the step would be judged the same, and be paused again.
 *
 * @param isWatched Whether it is shown until it ends, which it does not by itself while it is paused.
 */
export function waitingHelp(rollout: Waiting, isWatched = false): string[] {
  const { model, tag, from, state, step, steps } = rollout
  const isPaused = state === 'paused'
  if (!isPaused && !waitsUntilDeadline(rollout)) return []
  const verdict = steps[step]?.state
  const goBack = [
    'abort',
    from === null ? 'end it' : `end it: every bot goes back to release ${from}`,
  ] as const
  const choices = choicesAfter(verdict, rollout, goBack)
  const commands = choices.map(([name, what]) => [`slipway rollout ${name} ${model}@${tag}`, what] as const)
  const width = Math.max(...commands.map(([command]) => command.length))
  return [
    headOf(isPaused, isWatched),
    ...commands.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`),
  ]
}

function headOf(isPaused: boolean, isWatched: boolean): string {
  if (!isPaused) return 'it waits for you, or for the deadline of the step:'
  return isWatched ? 'it is paused, and waits for you (Ctrl-C ends the watching):' : 'it waits for you:'
}

function choicesAfter(
  verdict: RolloutSummary['steps'][number]['state'] | undefined,
  rollout: Waiting,
  goBack: readonly [string, string],
): (readonly [string, string])[] {
  if (verdict === 'failed') return [goBack, GO_ON_WITHOUT, TRY_AGAIN]
  if (verdict !== 'inconclusive') return [CONTINUE, GO_ON, goBack]
  const { failing, updated } = rollout.counts
  if (failing === 0) return [WAIT_ON, GO_ON, goBack]
  // Bots of the step that were left alone are waited for in vain.
  const choices = isLeftAlone(rollout) ? [TRY_AGAIN, GO_ON_WITHOUT] : [WAIT_ON, TRY_AGAIN, GO_ON]
  // Where no bot runs it, what is most wanted is the way back.
  return updated === 0 ? [goBack, ...choices] : [...choices, goBack]
}

/**
 * What is to be said where somebody resumed a rollout after a step whose bots failed, which changes nothing of what it is judged by.
 *
 * @param before The rollout as it was.
 */
export function resumedInVain(rollout: RolloutSummary): string[] {
  const { model, tag, step, steps } = rollout
  if (steps[step]?.state !== 'failed' && !isLeftAlone(rollout)) return []
  const where = `${model}@${tag}`
  const when = steps[step]?.state === 'failed' ? '' : ', at the deadline of the step at the latest,'
  return [
    `warning: bots of step ${step + 1} failed, and the rollout pauses again${when} unless they load the release meanwhile, or others come.`,
    `slipway rollout retry ${where} forgets their failures; slipway rollout advance ${where} goes on without these bots.`,
  ]
}
