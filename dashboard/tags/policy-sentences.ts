import { probeWarnings } from '../../protocol/probe-warnings.ts'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { count } from '../text/count.ts'
import { duration } from '../text/duration.ts'

/** How a tag's releases are brought out, a sentence each; what is as it is by default is left out. */
export function policySentences(policy: RolloutPolicy): string[] {
  const {
    steps,
    soak,
    deadline,
    tolerate,
    onFail,
    onInconclusive,
    maxUpdating,
    drain,
    attempts,
    retry,
    probes,
  } = policy
  const sentences: string[] = []
  if (steps.length === 1) sentences.push('Immediate: all its bots get a release at their next polls.')
  else {
    const texts = steps.map((step) => (typeof step === 'number' ? count(step, 'bot') : step))
    sentences.push(`In ${steps.length} steps: ${texts.join(', then ')}.`)
  }
  if (soak > 0)
    sentences.push(`The bots of a step must run it for ${duration(soak)} before the next one begins.`)
  if (maxUpdating !== null) {
    sentences.push(
      `At most ${typeof maxUpdating === 'number' ? count(maxUpdating, 'bot') : maxUpdating} at a time.`,
    )
  }
  if (drain > 0) sentences.push(`Its load balancer is told ${duration(drain)} before a bot is updated.`)
  if (tolerate !== 0)
    sentences.push(`${typeof tolerate === 'number' ? count(tolerate, 'bot') : tolerate} of a step may fail.`)
  const failed = onFail === 'revert' ? 'is taken back by itself' : 'pauses'
  const unclear = { pause: 'pauses', revert: 'is taken back', continue: 'goes on' }[onInconclusive]
  sentences.push(
    `A release that fails ${failed}; where too little is seen for ${duration(deadline)}, it ${unclear}. A bot tries ${count(attempts, 'time')}, and once more after ${duration(retry)}.`,
  )
  if (probes.length > 0)
    sentences.push(`Each bot is asked ${count(probes.length, 'question')} after it loaded.`)
  sentences.push(...probeWarnings(policy).map(({ message }) => `Warning: ${message}.`))
  return sentences
}
