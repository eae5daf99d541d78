import { InvalidArgumentError, Option, type Command } from 'commander'
import type { PolicyFields } from '../../protocol/rollout-policy.ts'
import { countFromOne, wholeNumber } from './option-values.ts'

/** The options of a policy, by their names in it; what was not given is undefined. */
export interface PolicyOptions {
  steps?: (number | string)[]
  soak?: number
  deadline?: number
  tolerate?: number | string
  onFail?: string
  onInconclusive?: string
  maxUpdating?: number | string
  drain?: number
  attempts?: number
  retry?: number
  probe?: unknown[]
}

const NONE = 'none'

/** Gives a command the options of which a promotion may have its own. */
export function addStepOptions(command: Command): Command {
  return command
    .option(
      '--steps <list>',
      'how many bots get it in each step, such as 1,25%,100%; the last is 100%',
      amounts,
    )
    .option(
      '--soak <seconds>',
      'how long the bots of a step must run it before the next step begins',
      wholeNumber,
    )
    .addOption(
      new Option(
        '--max-updating <n>',
        'how many bots may load at the same time: a number, a share, or none',
      ).argParser(amountOrNone),
    )
    .option('--drain <seconds>', 'time between "not ready" for the load balancer and the update', wholeNumber)
}

/** Gives a command the options of a whole policy. */
export function addPolicyOptions(command: Command): Command {
  return addStepOptions(command)
    .option(
      '--deadline <seconds>',
      'if no further bot loads it for so long, the step is inconclusive',
      wholeNumber,
    )
    .option('--tolerate <n>', 'how many bots of a step may fail: a number or a share', amount)
    .addOption(new Option('--on-fail <what>', 'what to do after a failed step').choices(['revert', 'pause']))
    .addOption(
      new Option('--on-inconclusive <what>', 'what to do after an inconclusive step').choices([
        'pause',
        'revert',
        'continue',
      ]),
    )
    .option('--attempts <n>', 'how often a process tries to load it', countFromOne)
    .option('--retry <seconds>', 'time until it is offered again after the last attempt', wholeNumber)
    .option('--probe <json>', 'a request to each bot after it loaded; may be repeated; [] for none', probe)
}

/** The fields of a policy that options named. */
export function policyFields({ probe, ...options }: PolicyOptions): PolicyFields {
  const { steps, soak, deadline, tolerate, onFail, onInconclusive } = options
  const { maxUpdating, drain, attempts, retry } = options
  const fields = {
    steps,
    soak,
    deadline,
    tolerate,
    onFail,
    onInconclusive,
    maxUpdating: maxUpdating === NONE ? null : maxUpdating,
    drain,
    attempts,
    retry,
    probes: probe,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function amounts(text: string): (number | string)[] {
  return text.split(',').map((each) => amount(each.trim()))
}

/** A number of bots, or a share; what is right is for the server to say. */
function amount(text: string): number | string {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (/^\d{1,3}(\.\d{1,2})?%$/.test(text)) return text
  throw new InvalidArgumentError('Expected a number of bots or a share of them, such as 1 or 25%.')
}

/** Commander takes a value of null for one that is missing. */
function amountOrNone(text: string): number | string {
  return text === NONE ? NONE : amount(text)
}

function probe(text: string, before: unknown[] = []): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? [...before, ...(value as unknown[])] : [...before, value]
  } catch {
    throw new InvalidArgumentError('Expected JSON, such as \'{"url": "http://{bot}:5005/status"}\'.')
  }
}
