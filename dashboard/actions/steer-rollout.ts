import { at } from '../api/api.ts'
import { count } from '../text/count.ts'
import { isLeftAlone } from '../../protocol/is-left-alone.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { Action } from './action.ts'

/** What of a rollout its sentences need. */
type Steered = Pick<
  RolloutSummary,
  'id' | 'model' | 'tag' | 'from' | 'to' | 'state' | 'step' | 'steps' | 'counts' | 'policy'
>

/** What can be done to a rollout as it stands, the gentlest first; after a step that failed what helps first, and `resume` last. */
export function steeringActions(rollout: Steered): Action[] {
  switch (rollout.state) {
    case 'running':
      return isLeftAlone(rollout)
        ? [...retries(rollout), ...advances(rollout), abort(rollout), pause(rollout)]
        : [pause(rollout), ...advances(rollout), abort(rollout)]
    case 'paused':
      if (hasFailed(rollout))
        return [abort(rollout), ...retries(rollout), ...advances(rollout), resume(rollout)]
      return isLeftAlone(rollout)
        ? [...retries(rollout), ...advances(rollout), abort(rollout), resume(rollout)]
        : [resume(rollout), ...retries(rollout), ...advances(rollout), abort(rollout)]
    case 'reverting':
    case 'done':
    case 'reverted':
    case 'aborted':
    case 'replaced':
      return []
  }
}

/** Whether the step failed: resumed it would be judged the same, and be paused again. */
function hasFailed({ steps, step }: Steered): boolean {
  return steps[step]?.state === 'failed'
}

export function pause(rollout: Steered): Action {
  const { counts, to } = rollout
  const keeping = counts.updated + counts.loading
  return steering(rollout, 'pause', {
    label: 'Pause',
    title: `Pause the rollout of ${nameOf(rollout)}`,
    tone: 'plain',
    says: [
      `No further bot gets release ${to}. ${keeping === 0 ? 'None has it yet.' : `The ${count(keeping, 'bot')} that ${keeping === 1 ? 'has' : 'have'} it ${keeping === 1 ? 'keeps' : 'keep'} it.`}`,
      'Bots go on being judged; resume or abort it whenever you like.',
    ],
    done: `The rollout of ${nameOf(rollout)} is paused.`,
  })
}

export function resume(rollout: Steered): Action {
  return steering(rollout, 'resume', {
    label: 'Resume',
    title: `Resume the rollout of ${nameOf(rollout)}`,
    // Where bots failed it is not what most will want.
    tone: rollout.counts.failing > 0 || hasFailed(rollout) ? 'plain' : 'help',
    says: [
      ...(hasFailed(rollout) || isLeftAlone(rollout)
        ? [
            `Bots of it failed: it pauses again${hasFailed(rollout) ? '' : ', at the deadline at the latest,'} unless they load the release meanwhile, or others come. Retry offers it to them again.`,
          ]
        : []),
      `Step ${rollout.step + 1} of ${rollout.steps.length} goes on: ${count(rollout.counts.waiting, 'bot')} ${rollout.counts.waiting === 1 ? 'waits' : 'wait'} for release ${rollout.to}.`,
      "The clock of the step's deadline begins anew.",
    ],
    done: `The rollout of ${nameOf(rollout)} goes on.`,
  })
}

export function abort(rollout: Steered): Action {
  const { from, counts } = rollout
  const taking = counts.updated + counts.loading + counts.failing
  return steering(rollout, 'abort', {
    label: from === null ? 'Abort' : `Abort: back to ${from}`,
    title: `Abort the rollout of ${nameOf(rollout)}`,
    tone: 'danger',
    says: [
      from === null
        ? 'The tag did not exist before: bots that took the release keep it until another is promoted.'
        : `${count(taking, 'bot')} that took release ${rollout.to} ${taking === 1 ? 'is' : 'are'} offered release ${from} again${paceOf(rollout)}; the others never get it.`,
      `Release ${rollout.to} can be promoted again later: it is not put in quarantine.`,
    ],
    done: `The rollout of ${nameOf(rollout)} is being taken back.`,
  })
}

function advances(rollout: Steered): Action[] {
  const { step, steps, to, counts } = rollout
  const next = steps[step + 1]
  return [
    steering(rollout, 'advance', {
      label: 'Advance',
      title:
        next === undefined
          ? `Advance the rollout of ${nameOf(rollout)} to its end`
          : `Advance the rollout of ${nameOf(rollout)} to step ${step + 2}`,
      tone: 'plain',
      says: [
        `Step ${step + 1} counts as passed whatever was seen: ${counts.updated} of ${count(counts.bots, 'bot')} run release ${to}, ${counts.failing} failed.`,
        next === undefined
          ? 'It is the last step: the rollout is done then, and bots are no longer judged.'
          : `Step ${step + 2} begins at once: ${count(next.bots, 'bot')} (${next.target}) get release ${to}${paceOf(rollout)}.`,
        ...(next === undefined || counts.failing + counts.lost === 0
          ? []
          : ['Bots of this step that failed or are lost neither fail later steps nor hold them up.']),
      ],
      done: `Step ${step + 1} of the rollout of ${nameOf(rollout)} is passed.`,
    }),
  ]
}

function retries(rollout: Steered): Action[] {
  if (rollout.counts.failing === 0 && rollout.counts.loading > 0) return []
  return [
    steering(rollout, 'retry', {
      label: 'Retry',
      title: `Retry step ${rollout.step + 1} of ${nameOf(rollout)}`,
      tone: 'plain',
      says: [
        `What went wrong with release ${rollout.to} is forgotten: ${count(rollout.counts.failing, 'bot')} that failed ${rollout.counts.failing === 1 ? 'is' : 'are'} offered it again.`,
        "The clock of the step's deadline begins anew.",
      ],
      done: `Step ${rollout.step + 1} of the rollout of ${nameOf(rollout)} is tried again.`,
    }),
  ]
}

/** Passing or trying again is decided on one step: where that has ended by itself meanwhile, nothing is done to the next one. */
const OF_A_STEP: readonly string[] = ['advance', 'retry']

function steering(
  { model, tag, id, step }: Steered,
  command: 'pause' | 'resume' | 'advance' | 'abort' | 'retry',
  words: Pick<Action, 'label' | 'title' | 'tone' | 'says' | 'done'>,
): Action {
  const isOfStep = OF_A_STEP.includes(command)
  return {
    ...words,
    permission: 'promote',
    call: { method: 'POST', path: `${at.rollout(model, id)}/${command}`, body: isOfStep ? { step } : {} },
    // Pasted later it does to another rollout of the tag what the button would not. People count steps from 1, the API from 0.
    command: [
      'slipway',
      'rollout',
      command,
      `${model}@${tag}`,
      '--rollout',
      id,
      ...(isOfStep ? ['--step', String(step + 1)] : []),
    ],
    takesReason: true,
  }
}

function paceOf({ policy: { maxUpdating } }: Steered): string {
  if (maxUpdating === null) return ', all at once'
  return maxUpdating === 1 ? ', one at a time' : `, ${maxUpdating} at a time`
}

function nameOf({ model, tag }: Steered): string {
  return `${model}@${tag}`
}
