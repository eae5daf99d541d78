import { isLeftAlone } from '../../protocol/is-left-alone.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'

const GO_ON = ['advance', 'go on all the same: to the next step, or to the end after the last one'] as const
const GO_ON_WITHOUT = [
  'advance',
  'go on without the bots that failed: to the next step, or to the end after the last one',
] as const
const TRY_AGAIN = ['retry', 'forget failures, and offer the release again in this step'] as const
const CONTINUE = ['resume', 'continue where it was paused'] as const
const WAIT_ON = ['resume', 'wait for these bots once more, for a whole deadline'] as const

/**
 * What a person can do with a paused rollout, in a line each; none where it is not paused. Where bots failed `resume` is not
 * among it: they are not offered the release again by it, so that the step would be judged the same, and be paused again.
 *
 * @param isWatched Whether it is shown until it ends, which it does not by itself while it is paused.
 */
export function pausedHelp(
  {
    model,
    tag,
    from,
    state,
    step,
    steps,
    counts,
  }: Pick<RolloutSummary, 'model' | 'tag' | 'from' | 'state' | 'step' | 'steps' | 'counts'>,
  isWatched = false,
): string[] {
  if (state !== 'paused') return []
  const verdict = steps[step]?.state
  const goBack = [
    'abort',
    from === null ? 'end it' : `end it: every bot goes back to release ${from}`,
  ] as const
  const choices = choicesAfter(verdict, counts.failing, goBack)
  const commands = choices.map(([name, what]) => [`slipway rollout ${name} ${model}@${tag}`, what] as const)
  const width = Math.max(...commands.map(([command]) => command.length))
  const head = isWatched ? 'it is paused, and waits for you (Ctrl-C ends the watching):' : 'it waits for you:'
  return [head, ...commands.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`)]
}

function choicesAfter(
  verdict: RolloutSummary['steps'][number]['state'] | undefined,
  failing: number,
  goBack: readonly [string, string],
): (readonly [string, string])[] {
  if (verdict === 'failed') return [goBack, GO_ON_WITHOUT, TRY_AGAIN]
  if (verdict !== 'inconclusive') return [CONTINUE, GO_ON, goBack]
  // Bots that were left alone are waited for in vain.
  return failing > 0 ? [TRY_AGAIN, GO_ON_WITHOUT, goBack] : [WAIT_ON, GO_ON, goBack]
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
  return [
    `warning: bots of step ${step + 1} failed, and the rollout pauses again unless they load the release meanwhile, or others come.`,
    `slipway rollout retry ${where} forgets their failures; slipway rollout advance ${where} goes on without these bots.`,
  ]
}
